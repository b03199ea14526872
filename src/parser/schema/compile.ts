import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standaloneCode from 'ajv/dist/standalone/index.js'

const SCHEMA = fileURLToPath(new URL('../../../schemas/compose.schema.json', import.meta.url))
const FOLDER = fileURLToPath(new URL('./generated', import.meta.url))
const DECLARATION = `import type { ErrorObject } from 'ajv'

declare const validate: {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}
export default validate
`

/** Compiles the schema to code, src/parser/schema/generated/validate.js, so that a start neither loads nor runs a compiler. */
export async function compileSchema(): Promise<void> {
  const ajv = new Ajv2020({
    allErrors: true,
    strictTypes: false,
    strictRequired: false,
    code: { source: true, esm: true, lines: true },
  })
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8'), forValidation))
  mkdirSync(FOLDER, { recursive: true })
  write('validate.js', withImports(standaloneCode.default(ajv, validate)))
  write('validate.d.ts', DECLARATION)
}

/**
 * Words for people say nothing to a validator, whose code would carry them along. Doubles among objects have gone before
 * the validator runs (`unique/`), and it would compare each of 65,535 ports with each other one.
 */
function forValidation(this: unknown, key: string, value: unknown): unknown {
  if ((key === 'description' || key === 'title') && typeof value === 'string') return undefined
  const holdsObjects =
    typeof this === 'object' && this !== null && '$ref' in Object(Reflect.get(this, 'items'))
  return key === 'uniqueItems' && holdsObjects ? undefined : value
}

/** Compiles where the code is missing or older than the schema. */
export async function ensureSchema(): Promise<void> {
  const target = `${FOLDER}/validate.js`
  if (!existsSync(target) || statSync(target).mtimeMs < statSync(SCHEMA).mtimeMs) await compileSchema()
}

/** Ajv's code requires its runtime as CommonJS, which a module cannot: the same as imports. */
function withImports(code: string): string {
  const imports = new Map<string, string>()
  const body = code.replace(/require\("([^"]+)"\)\.default/g, (_whole, name: string) => {
    const binding = imports.get(name) ?? `runtime${imports.size}`
    imports.set(name, binding)
    // Node and bundlers disagree on what the default import of such a module is.
    return `(${binding}.default ?? ${binding})`
  })
  const lines = [...imports].map(([name, binding]) => `import ${binding} from '${name}.js'\n`)
  return `${lines.join('')}${body}`
}

/** By rename, so that a reader at the same time sees the old file or the new one. */
function write(name: string, text: string): void {
  const path = `${FOLDER}/${name}`
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}
