// Makes the page's types anew from the OpenAPI document of the server. `just page-types` builds the server first.
import { writeFileSync } from 'node:fs';
import { TYPES, apiDocument, typesOf } from './support/api-types.js';

writeFileSync(TYPES, typesOf(apiDocument()));
