/** Which sheet is open over the panel. One at a time. */
export type Sheet =
  | 'time_out'
  | 'card'
  | 'more'
  | 'timeline'
  | 'service'
  | 'ends'
  | 'score'
  | 'expedite'
  | 'suspend'
  | 'review'
  | 'end'
  | 'hand_over'
  | 'settings'
  | 'help'
  | 'protest'
  | 'reopen';
