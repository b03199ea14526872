import { createHash, randomUUID } from 'node:crypto'
import type { BuildTrace } from '../../../types/index.ts'
import { isCacheSource } from './caches.ts'

type Attributes = Readonly<Record<string, string>>

interface Cache {
  readonly Type: string
  readonly Attrs: Attributes
}

/** What a client asks of a build. */
export interface Asked {
  readonly attributes: Attributes
  readonly cacheImports: readonly Cache[]
}

/** Attributes that are met, or that change nothing of what is built: where a request comes from, and how it is written. */
const KNOWN = new Set([
  'add-hosts',
  'cache-imports',
  'cmdline',
  'context',
  'contextkey',
  'contextsubdir',
  'dockerfilekey',
  'filename',
  'force-network-mode',
  'frontend.caps',
  'image-resolve-mode',
  'memory',
  'multi-platform',
  'no-cache',
  'platform',
  'requestid',
  'shm-size',
  'source',
  'target',
  'ulimit',
])
// What an input is (`input-metadata:`) is known here by what made it.
const KNOWN_PREFIXES = [
  'attest:',
  'build-arg:',
  'context:',
  'input-metadata:',
  'label:',
  'local-sessionid:',
  'vcs:',
]

/** What is asked for and not done, a sentence each. */
export function unmet({ attributes, cacheImports }: Asked): readonly string[] {
  const names = Object.keys(attributes).filter(
    name => !KNOWN.has(name) && !KNOWN_PREFIXES.some(prefix => name.startsWith(prefix)),
  )
  return [
    ...typesOf(cacheImports.filter(entry => !isCacheSource(entry))).map(
      type => `no build cache of type=${type} is read: type=registry and type=local are`,
    ),
    ...names.sort().map(name => `"${name}" of the build is not known here and has no effect`),
  ]
}

/** Warnings of a piece of work of their own, as clients show them. */
export function unmetTrace(texts: readonly string[]): BuildTrace {
  const digest = `sha256:${createHash('sha256').update(randomUUID()).digest('hex')}`
  const moment = new Date().toISOString()
  return {
    vertexes: [
      {
        digest,
        inputs: [],
        name: '[internal] read what the build is asked for',
        started: moment,
        completed: moment,
      },
    ],
    warnings: texts.map(text => ({
      vertex: digest,
      level: 1,
      short: Buffer.from(text).toString('base64'),
      detail: null,
    })),
  }
}

function typesOf(entries: readonly Cache[]): readonly string[] {
  return [...new Set(entries.map(({ Type }) => Type))]
}
