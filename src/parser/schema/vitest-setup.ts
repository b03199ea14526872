import { ensureSchema } from './compile.ts'

/** Vitest's global setup: tests of the loader need the compiled schema. */
export default ensureSchema
