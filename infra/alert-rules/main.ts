/** `npm run alerts`: writes the alert rules as a file that Prometheus and Amazon Managed Service for Prometheus read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RULES_FILE, rulesFile } from './rules-file.ts';

const folder = resolve(import.meta.dirname, '../../docs/alerts');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, RULES_FILE), rulesFile());
console.log(`docs/alerts/${RULES_FILE}`);
