import { mount } from 'svelte';
import '../design/base.css';
import { adoptTokenFromAddress } from '../api/token';
import { applyTheme } from '../design/theme.svelte';
import { i18n } from '../i18n/i18n.svelte';
import App from './App.svelte';

adoptTokenFromAddress();
// A link with a token, opened while the panel is: the page begins again with it. What was tapped is kept.
addEventListener('hashchange', () => adoptTokenFromAddress() && location.reload());
applyTheme('system');
document.documentElement.lang = i18n.language;
mount(App, { target: document.getElementById('app')! });
