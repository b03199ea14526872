import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { RouteName } from '../../routes.ts'
import { CONTAINER_WORDS } from './container-words.ts'
import { LIMIT_WORDS } from './limit-words.ts'
import { OBJECT_WORDS } from './object-words.ts'
import { REQUEST_WORDS } from './request-words.ts'
import type { Asked, WordTable } from './words.ts'

/** What is wrong with a Dockerfile or one of its steps, as the builder before BuildKit says it. */
const BUILD_WORDS: WordTable = {
  BUILD_STEP_FAILED: ({ command, exitCode }) =>
    `The command '${command}' returned a non-zero code: ${exitCode}`,
  BUILD_TARGET: ({ target }) => `target stage "${target}" could not be found`,
  COPY_SOURCE_MISSING: ({ keyword, pattern, from }) =>
    from === undefined
      ? `${keyword} failed: file not found in build context or excluded by .dockerignore: stat ${pattern}: file does not exist`
      : undefined,
  DOCKERFILE_INSTRUCTION: ({ keyword }, _, { range }) =>
    `dockerfile parse error on line ${range?.start.line ?? 1}: unknown instruction: ${keyword}`,
  DOCKERFILE_NO_FROM: ({ file }) =>
    file === undefined ? 'no build stage in current context' : `the Dockerfile (${file}) cannot be empty`,
}

/** Scripts look for Docker's sentences in what its clients print: here alone they are made, and of facts alone. */
const WORDS: WordTable = {
  ...BUILD_WORDS,
  ...CONTAINER_WORDS,
  ...LIMIT_WORDS,
  ...OBJECT_WORDS,
  ...REQUEST_WORDS,
}

const NETWORKING = 'failed to set up container networking: '
const IN_NETWORKING: ReadonlySet<string> = new Set([
  'NETWORK_NOT_FOUND',
  'NETWORK_FULL',
  'PORT_IN_USE',
  'ADDRESS_IN_USE',
  'HOST_ADDRESS_UNAVAILABLE',
])

/** What Docker says before the sentence, since it was in the middle of something: by endpoint, and by code. */
const BEFORE: Partial<Record<RouteName, (asked: Asked, code: string) => string>> = {
  containerKill: ({ params }) => `cannot kill container: ${params['id']}: `,
  containerStop: ({ params }, code) =>
    code === 'SIGNAL_INVALID' ? `cannot stop container: ${params['id']}: ` : '',
  containerRename: (_, code) =>
    code === 'NAME_IN_USE' || code === 'NAME_INVALID' ? 'Error when allocating new name: ' : '',
  containerCreate: (_, code) => (code === 'NETWORK_NOT_FOUND' ? NETWORKING : ''),
  containerStart: (_, code) => (IN_NETWORKING.has(code) ? NETWORKING : ''),
}

/** A diagnostic as Docker would say it; undefined where Docker has no such sentence, or nobody has told us the facts. */
export function dockerWords(diagnostic: Diagnostic, asked: Asked | undefined): string | undefined {
  const { code, facts } = diagnostic
  return facts === undefined ? undefined : WORDS[code]?.(facts, asked, diagnostic)
}

/** The beginning of an error that an endpoint answers with. */
export function wordsBefore(code: string, asked: Asked | undefined): string {
  return asked === undefined ? '' : (BEFORE[asked.name]?.(asked, code) ?? '')
}
