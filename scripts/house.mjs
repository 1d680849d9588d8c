// npm run house: the rooms of the code, what each needs of the others, and every breach of their directions.
//   npm run house -- [--json]    exit code 1 with a breach
import { checkout } from './lib/build.mjs';
import { house } from './lib/house/house.mjs';
import { main } from './lib/outcome.mjs';

await main(() => house(process.argv.slice(2), checkout, (text) => process.stdout.write(text)));
