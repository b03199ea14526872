import { posix } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import { type ArtefactLayer, LAYER } from './manifest.ts'

/** A layer with its bytes. */
export interface LayerContent {
  readonly layer: ArtefactLayer
  readonly bytes: Uint8Array
}

/** Name of the file that an artefact's Compose files become, as documents one behind the other. */
export const COMPOSE_FILE = 'compose.yaml'

/**
 * The files of an artefact by their paths. Its Compose files become the documents of one; those that `extends` or
 * `env_file` name stand beside it. Raises REMOTE_PATH_OUTSIDE for a name that leads elsewhere.
 */
export function filesOf(contents: readonly LayerContent[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const documents: Uint8Array[] = []
  for (const { layer, bytes } of contents) {
    const { annotations = {}, mediaType } = layer
    if (mediaType === LAYER.envFile)
      files.set(nameOf(annotations['com.docker.compose.envfile'], layer), bytes)
    else if (mediaType === LAYER.file && annotations['com.docker.compose.extends'] !== undefined)
      files.set(nameOf(annotations['com.docker.compose.file'], layer), bytes)
    else if (mediaType === LAYER.file) documents.push(bytes)
  }
  const separator = Buffer.from('\n---\n')
  const text = documents.flatMap((bytes, at) => (at === 0 ? [bytes] : [separator, bytes]))
  if (documents.length > 0) files.set(COMPOSE_FILE, Buffer.concat(text))
  return files
}

function nameOf(name: string | undefined, { digest }: ArtefactLayer): string {
  const clean = posix.normalize(name ?? '')
  const isInside = !clean.startsWith('/') && !clean.split('/').includes('..') && !clean.includes('\0')
  if (name !== undefined && name !== '' && isInside && clean !== '.' && clean !== COMPOSE_FILE) return clean
  throw failure({
    kind: 'invalidArgument',
    code: 'REMOTE_PATH_OUTSIDE',
    summary: `the artefact's file ${digest} is to be written to ${JSON.stringify(name ?? '')}`,
    hint: 'publish it again with Docker Compose',
  })
}
