// Layered, so that our own rules win over the library's wherever both speak.
import '@mantine/core/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import './tokens.css';
import './base.css';
