import { render } from 'preact';
import { App } from './app.js';
import { Controller } from './controller.js';

const root = document.getElementById('console');
if (!root) throw new Error('The page has no #console');

const controller = new Controller();
render(<App controller={controller} />, root);
void controller.start();
