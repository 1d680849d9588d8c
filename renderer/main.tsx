import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app/styles';
import { App } from './app/App';
import { features } from './app/features';
import { connect } from './stores/connection';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root.');
connect();
createRoot(root).render(
  <StrictMode>
    <App features={features} />
  </StrictMode>,
);
