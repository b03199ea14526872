// Renders the types of the model, src/model/types/, from the table of attributes, src/model/attributes/.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ATTACHMENT, PORT } from '../src/model/attributes/attachments.ts'
import { BUILD } from '../src/model/attributes/build.ts'
import { DEPLOY } from '../src/model/attributes/deploy.ts'
import { SERVICE_EXTENSION } from '../src/model/attributes/extension.ts'
import { HOOK, PRE_START, WATCH } from '../src/model/attributes/hooks.ts'
import {
  KUBERNETES_PROJECT,
  KUBERNETES_SERVICE,
  KUBERNETES_VOLUME,
} from '../src/model/attributes/kubernetes.ts'
import { MOUNT } from '../src/model/attributes/mount.ts'
import { PROJECT } from '../src/model/attributes/project.ts'
import { SERVICE } from '../src/model/attributes/service.ts'
import type { Field, Shape, Struct, Words } from '../src/model/attributes/shape.ts'
import type { Path } from '../src/model/index.ts'
import { descriptionAt } from '../src/parser/schema/lookup.ts'

const FOLDER = join(import.meta.dirname, '../src/model/types')

/** Where each file starts: it has all below that no file before it has. Named as the tables are. */
const FILES: Readonly<Record<string, readonly Struct[]>> = {
  'attachments.ts': [ATTACHMENT, PORT],
  'build.ts': [BUILD],
  'deploy.ts': [DEPLOY],
  'extension.ts': [SERVICE_EXTENSION],
  'hooks.ts': [HOOK, PRE_START, WATCH],
  'kubernetes.ts': [KUBERNETES_SERVICE, KUBERNETES_VOLUME, KUBERNETES_PROJECT],
  'mount.ts': [MOUNT],
  'service.ts': [SERVICE],
  'project.ts': [PROJECT],
}

const LONGEST_LINE = 120

/** A struct or a choice of words, which becomes a type, and the first place where it stands. */
interface Named {
  readonly of: Struct | Words
  readonly path: Path
}

/** The text of each file of `src/model/types/`, by name. */
export function renderModelTypes(): ReadonlyMap<string, string> {
  const all = namedIn(PROJECT, [])
  const homes = new Map<string, string>()
  for (const [file, roots] of Object.entries(FILES))
    for (const { of } of roots.flatMap(root => namedIn(root, [])))
      if (!homes.has(of.name)) homes.set(of.name, file)
  return new Map(Object.keys(FILES).map(file => [file, renderFile(file, all, homes)]))
}

/** Writes the files that are not as they should be. */
export function writeModelTypes(): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const [name, text] of renderModelTypes())
    if (readModelTypes(name) !== text) writeFileSync(join(FOLDER, name), text)
}

/** What a file has now; blank where there is none. */
export function readModelTypes(name: string): string {
  try {
    return readFileSync(join(FOLDER, name), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Every type in a shape, once, each after those that it is made of. */
function namedIn(shape: Shape, path: Path, found = new Map<string, Named>()): Named[] {
  if (shape.type === 'list') namedIn(shape.of, [...path, 0], found)
  if (shape.type === 'record') namedIn(shape.of, [...path, '*'], found)
  if (shape.type === 'text' && shape.oneOf) found.set(shape.oneOf.name, { of: shape.oneOf, path })
  if (shape.type === 'struct') {
    for (const field of shape.fields) namedIn(field.shape, [...path, field.name], found)
    if (!found.has(shape.name)) found.set(shape.name, { of: shape, path })
  }
  return [...found.values()]
}

function renderFile(file: string, all: readonly Named[], homes: ReadonlyMap<string, string>): string {
  const own = all.filter(({ of }) => homes.get(of.name) === file)
  const body = own.map(({ of, path }) => ('words' in of ? renderWords(of) : renderStruct(of, path)))
  const used = new Set(
    own.flatMap(({ of }) => ('words' in of ? [] : ['Extensions', ...of.fields.flatMap(usedBy)])),
  )
  const imports = new Map<string, string[]>()
  for (const name of [...used].sort()) {
    const home = homes.get(name)
    if (home === file) continue
    const from = home === undefined ? '../values.ts' : `./${home}`
    imports.set(from, [...(imports.get(from) ?? []), name])
  }
  const lines = [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, names]) => renderImport(names, from))
  const header = `// Made of the table ../attributes/${file} by \`npm run build\`: change that.\n`
  return `${header}${lines.join('')}\n${body.join('\n')}`
}

function renderImport(names: readonly string[], from: string): string {
  const line = `import type { ${names.join(', ')} } from '${from}'\n`
  return line.length <= 111
    ? line
    : `import type {\n${names.map(name => `  ${name},\n`).join('')}} from '${from}'\n`
}

/** Names in the type of a field that have to be imported. */
function usedBy({ shape }: Field): string[] {
  return (typeOf(shape).match(/\b[A-Z]\w+/g) ?? []).filter(name => name !== 'Readonly' && name !== 'Record')
}

function renderWords({ name, about, words }: Words): string {
  const line = `export type ${name} = ${words.map(word => `'${word}'`).join(' | ')}\n`
  const long = `export type ${name} =\n${words.map(word => `  | '${word}'\n`).join('')}`
  return `${comment(about, '')}${line.length <= 111 ? line : long}`
}

function renderStruct({ name, about, fields }: Struct, path: Path): string {
  const lines = fields.map(field => {
    const said = field.note ?? descriptionAt([...path, field.name])
    const type = `${typeOf(field.shape)}${field.shape.type === 'words' && field.shape.keepNull ? ' | null' : ''}`
    return `${said === undefined ? '' : comment(said, '  ')}  readonly ${keyOf(field.name)}${field.required ? '' : '?'}: ${type}\n`
  })
  return `${comment(about, '')}export interface ${name} extends Extensions {\n${lines.join('')}}\n`
}

/** A name that is no word stands in quotes. */
function keyOf(name: string): string {
  return /^\w+$/.test(name) ? name : `'${name}'`
}

function comment(text: string, indent: string): string {
  const said = /[.:]$/.test(text) ? text : `${text}.`
  const line = `${indent}/** ${said} */\n`
  if (line.length <= LONGEST_LINE) return line
  const lines = ['']
  for (const word of said.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (indent.length + 2 + longer.length > LONGEST_LINE) lines.push(` ${word}`)
    else lines[lines.length - 1] = longer
  }
  return `${indent}/**\n${lines.map(each => `${indent} *${each}\n`).join('')}${indent} */\n`
}

function typeOf(shape: Shape): string {
  switch (shape.type) {
    case 'text':
      return shape.oneOf?.name ?? 'string'
    case 'mode':
      return 'string'
    case 'flag':
      return 'boolean'
    case 'integer':
    case 'float':
    case 'count':
    case 'permissions':
      return 'number'
    case 'bytes':
      return 'ByteSize'
    case 'duration':
      return 'Duration'
    case 'oneOrMore':
    case 'words':
    case 'test':
    case 'hosts':
      return 'readonly string[]'
    case 'mapping':
      return shape.nulls === 'keep' ? 'Mapping' : 'Strings'
    case 'list':
      return `readonly ${typeOf(shape.of)}[]`
    case 'record':
      return `Readonly<Record<string, ${typeOf(shape.of)}${shape.keepNull ? ' | null' : ''}>>`
    case 'ulimit':
      return 'Ulimit'
    case 'struct':
      return shape.name
  }
}
