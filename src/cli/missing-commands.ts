import { type Failure, failure } from '../diagnostics/index.ts'
import { statePaths } from '../project/state-paths.ts'
import { COMMANDS } from './commands/index.ts'

/** Commands of Docker Compose that may not be there yet, each with what its like through the engine's API takes. */
const COMPOSE_COMMANDS: Readonly<Record<string, string | undefined>> = {
  attach: 'attach CONTAINER',
  run: undefined,
}

/** What tscompose itself has for some of them. */
const INSTEAD: Readonly<Record<string, string>> = {
  run: 'tscompose exec SERVICE COMMAND, in a service that runs',
}

/** The Failure for a command that Docker Compose has and tscompose has not; undefined for any other word. */
export function missingCommand(
  word: string,
  env: Readonly<Record<string, string | undefined>>,
): Failure | undefined {
  if (!Object.hasOwn(COMPOSE_COMMANDS, word) || COMMANDS.some(({ name }) => name === word)) return undefined
  const docker = COMPOSE_COMMANDS[word]
  const byDocker = docker === undefined ? undefined : `docker -H unix://${statePaths(env).socket} ${docker}`
  const hint = INSTEAD[word] ?? byDocker
  return failure({
    code: 'COMMAND_NOT_YET',
    kind: 'notImplemented',
    summary: `"${word}" is not there yet`,
    ...(hint === undefined ? {} : { hint }),
  })
}
