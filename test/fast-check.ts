/** fast-check. In CI it draws the same examples every time; elsewhere new ones, whose seed a failure prints. */
import fc from 'fast-check';

if (process.env['CI']) fc.configureGlobal({ seed: 20261126 });

export default fc;
