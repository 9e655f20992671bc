// Reads an AsyncAPI document and prints what the parser of the AsyncAPI Initiative says about it, as JSON.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { diagnostics } = await new Parser().parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(diagnostics.map(({ code, severity, message, path }) => ({ code, severity, message, path }))));
