import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BuildInput, refusal } from './attribute.ts'

/**
 * The agents that `RUN --mount=type=ssh` may ask, by id: `default` is that of SSH_AUTH_SOCK, `ID=PATH` the socket at that
 * path. Keys are not read: they belong into an agent. Raises BUILD_SSH_INVALID.
 */
export function buildAgents(input: BuildInput): Readonly<Record<string, string>> {
  const { ssh = [] } = input.operation.build
  return Object.fromEntries(ssh.map((text, index) => agentOf(input, text, index)))
}

function agentOf(input: BuildInput, text: string, index: number): [id: string, socket: string] {
  const [id = '', path] = text.split(/=(.*)/s)
  const invalid = (summary: string, hint: string): Error =>
    refusal(input, { code: 'BUILD_SSH_INVALID', at: ['ssh', index], summary, hint })
  const start = 'start one and add the key: eval "$(ssh-agent)"; ssh-add'
  const socket = path ?? process.env['SSH_AUTH_SOCK']
  if (socket === undefined || socket === '')
    throw invalid(`no agent answers for "${id}": SSH_AUTH_SOCK is not set`, start)
  const found = statSync(resolve(socket), { throwIfNoEntry: false })
  if (found === undefined) throw invalid(`there is no agent at "${socket}"`, start)
  if (!found.isSocket())
    throw invalid(`"${socket}" is no socket of an agent`, 'add the key to an agent, and name its socket')
  return [id, resolve(socket)]
}
