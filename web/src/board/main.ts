import { mount } from 'svelte';
import '../design/base.css';
import './board.css';
import { applyTheme } from '../design/theme.svelte';
import { i18n } from '../i18n/i18n.svelte';
import App from './App.svelte';

// A hall's board glows in the dark unless told otherwise.
applyTheme('dark');
document.documentElement.lang = i18n.language;
mount(App, { target: document.getElementById('app')! });
