import { basename } from 'node:path/posix'
import { failure } from '../../diagnostics/index.ts'
import { textOfName } from '../../linux/name-text.ts'
import type { ClientFolder } from '../contexts/index.ts'
import type { MergedTree } from '../layer/merged-tree.ts'
import type { ContextRequest } from './context-request.ts'
import type { Words } from './step-trace.ts'

/** Bytes that a Dockerfile or ignore rules may have. */
export const MOST_DEFINITION: number = 4 * 1024 * 1024
const IGNORE = '.dockerignore'

/** What a build is told to do, and which files are hidden from it. */
export interface Definition {
  readonly text: string
  /** Text of the ignore rules that count; absent: there are none. */
  readonly rules: string | undefined
}

/**
 * Reads the Dockerfile and the ignore rules: from the client's folders where it has them, else from the context's tree. Rules of
 * the Dockerfile's own go before those of the context. Raises DOCKERFILE_MISSING.
 */
export async function readDefinition(tree: MergedTree, request: ContextRequest): Promise<Definition> {
  const { context, dockerfile: file, dockerfileText, trace } = request
  const folder = request.dockerfiles ?? (context.type === 'client' ? context.folder : undefined)
  const found = await trace.during(`[internal] load build definition from ${basename(file)}`, words =>
    folder === undefined || dockerfileText !== undefined
      ? readTree(tree, file)
      : askClient(folder, file, request, words),
  )
  const text = dockerfileText ?? found.text
  if (text === undefined) throw noDockerfile(file)
  const rules = found.rules ?? (await contextRules(tree, request))
  return { text, rules }
}

async function readTree(tree: MergedTree, file: string): Promise<Partial<Definition>> {
  const text = await readNames(tree, file)
  const rules = await readNames(tree, `${file}${IGNORE}`)
  return { ...(text === undefined ? {} : { text }), rules }
}

/** As BuildKit does, a Dockerfile is found in small letters, too. */
async function askClient(
  folder: ClientFolder,
  file: string,
  { signal = new AbortController().signal }: ContextRequest,
  { transferred }: Words,
): Promise<Partial<Definition>> {
  const small = basename(file) === 'Dockerfile' ? [file.toLowerCase()] : []
  const texts = await folder.texts([file, `${file}${IGNORE}`, ...small], MOST_DEFINITION, {
    signal,
    onBytes: count => transferred('transferring dockerfile:', count),
  })
  const text = texts.get(file) ?? texts.get(small[0] ?? '')
  return { ...(text === undefined ? {} : { text }), rules: texts.get(`${file}${IGNORE}`) }
}

async function contextRules(
  tree: MergedTree,
  { context, trace, signal = new AbortController().signal }: ContextRequest,
): Promise<string | undefined> {
  if (context.type !== 'client') return readNames(tree, IGNORE)
  const texts = await trace.during(`[internal] load ${IGNORE}`, ({ transferred }) =>
    context.folder.texts([IGNORE], MOST_DEFINITION, {
      signal,
      onBytes: count => transferred('transferring context:', count),
    }),
  )
  return texts.get(IGNORE)
}

/** A text that may have names of files in it, which are any bytes. */
async function readNames(tree: MergedTree, file: string): Promise<string | undefined> {
  const bytes = await tree.readBytes(file, MOST_DEFINITION)
  return bytes === undefined ? undefined : textOfName(bytes)
}

function noDockerfile(file: string): Error {
  return failure({
    code: 'DOCKERFILE_MISSING',
    kind: 'invalidArgument',
    summary: `"${file}" is not in the build context`,
    facts: { file },
    hint: 'name the file by build.dockerfile or --file',
  })
}
