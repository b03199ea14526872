import { readFileSync } from 'node:fs'
import { listFiles } from './modules.ts'

/** What a word means in names of ours, and the folders whose matter that is. */
export interface Word {
  readonly means: string
  readonly folders: readonly string[]
}

/** Words that several fields use, each for something else: here they have one meaning. In text they are free. */
export const WORDS: Readonly<Record<string, Word>> = {
  registry: {
    means: 'a server that images are pulled from; what is kept in memory is a table',
    folders: ['src/image', 'src/oci', 'src/remote', 'src/client'],
  },
  layer: {
    means: 'a layer of an image, or of the overlay that is made of them',
    folders: ['src/image', 'src/oci', 'src/remote/oci', 'src/engine'],
  },
  stage: {
    means: 'a stage of a native program, or of a Dockerfile; the loader has passes',
    folders: ['src/native', 'src/engine/runtime', 'src/image/builder'],
  },
  spec: {
    means: 'what a container, network or volume is made from, with every default filled in',
    // `credential_spec` is Compose's own, and Swarm has a `Spec` for everything.
    folders: [
      'src/engine',
      'src/planner',
      'src/executor/observe',
      'src/model',
      'src/api/types',
      'src/deploy/swarm',
    ],
  },
  session: {
    means: 'the streams of one client to one process',
    // BuildKit's is its own.
    folders: ['src/native', 'src/engine', 'src/api', 'src/client/building'],
  },
  view: { means: 'how a command shows its result', folders: ['src/cli'] },
}

/** One line for each file and each declared name that uses such a word outside of its folders. */
export function checkWords(folder: string, words: Readonly<Record<string, Word>> = WORDS): string[] {
  return listFiles(folder, ['.ts'])
    .filter(path => !path.endsWith('.test.ts'))
    .flatMap(path => misused(path, readFileSync(path, 'utf8'), words))
}

const DECLARED =
  /^(?:export )?(?:async |abstract )?(?:function\*?|class|interface|type|const) ([A-Za-z_]\w*)/gm

/** The same for the text of one file. */
export function misused(path: string, text: string, words: Readonly<Record<string, Word>>): string[] {
  const names = [
    ...new Set([...path.split('/'), ...[...text.matchAll(DECLARED)].map(match => match[1] ?? '')]),
  ]
  return Object.entries(words)
    .filter(([, { folders }]) => !folders.some(folder => path.startsWith(`${folder}/`)))
    .flatMap(([word, { means }]) =>
      names
        .filter(name => partsOf(name).some(part => part === word || part === pluralOf(word)))
        .map(name => `${path}: "${name}": here "${word}" means ${means} (tools/check/words.ts)`),
    )
}

function pluralOf(word: string): string {
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}

/** `specs`, `of`, `it` of `specsOfIt`, `SPECS_OF_IT` and `specs-of-it.ts`. */
function partsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map(part => part.toLowerCase())
}
