//! What was made last, to be used again.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// So many values at most; the one that was used longest ago is forgotten first.
pub struct Recent<K, V>(Mutex<LruCache<K, Arc<V>>>);

impl<K: Hash + Eq, V> Recent<K, V> {
    pub fn new(most: usize) -> Self {
        let most = NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN);
        Recent(Mutex::new(LruCache::new(most)))
    }

    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        self.lock().get(key).cloned()
    }

    pub fn put(&self, key: K, value: &Arc<V>) {
        self.lock().put(key, Arc::clone(value));
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, Arc<V>>> {
        // What is in it is whole: entries are replaced, never changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
