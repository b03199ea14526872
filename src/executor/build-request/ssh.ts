import { readFileSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BuildInput, refusal } from './attribute.ts'

/** The agents that `RUN --mount=type=ssh` may ask: the socket of each, by id. */
export interface BuildAgents {
  readonly sockets: Readonly<Record<string, string>>
  /** Ends those that were started for the build. */
  close(): Promise<void>
}

/** One entry of `ssh`, as far as it is to be said what is wrong with it. */
interface Written {
  readonly id: string
  readonly wrong: (summary: string, hint: string) => Error
}

const START = 'start one and add the key: eval "$(ssh-agent)"; ssh-add'

/**
 * Opens what `ssh` names: `default` is the agent of SSH_AUTH_SOCK, `ID=PATH` the socket at that path, and `ID=PATH,PATH…` with
 * files of keys an agent of our own that knows those. A key is read here and goes nowhere: the engine gets a socket. Raises
 * BUILD_SSH_INVALID.
 */
export async function openAgents(input: BuildInput): Promise<BuildAgents> {
  const { ssh = [] } = input.operation.build
  const sockets: Record<string, string> = {}
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closing.map(end => end()))
  }
  // Another engine is told of none.
  if (input.options.foreignEngine === true) return { sockets, close }
  try {
    for (const [index, text] of ssh.entries()) {
      const [id = '', paths] = text.split(/=(.*)/s)
      const wrong: Written['wrong'] = (summary, hint) =>
        refusal(input, { code: 'BUILD_SSH_INVALID', at: ['ssh', index], summary, hint })
      sockets[id] = await socketOf({ id, wrong }, paths, closing)
    }
    return { sockets, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function socketOf(
  entry: Written,
  text: string | undefined,
  closing: (() => Promise<void>)[],
): Promise<string> {
  const { id, wrong } = entry
  const paths = text ?? process.env['SSH_AUTH_SOCK']
  if (paths === undefined || paths === '')
    throw wrong(`no agent answers for "${id}": SSH_AUTH_SOCK is not set`, START)
  const found = paths.split(',').map(path => ({ path: resolve(path), stats: statsOf(entry, path) }))
  const [first] = found
  if (found.length === 1 && first?.stats.isSocket()) return first.path
  const { startKeyAgent } = await import('../ssh-keys/agent.ts')
  const { KeyProblem, readPrivateKey } = await import('../ssh-keys/private-key.ts')
  const keys = found.map(({ path, stats }) => {
    if (!stats.isFile()) throw wrong(`"${path}" is neither a socket of an agent nor a file with a key`, START)
    try {
      return readPrivateKey(readFileSync(path, 'utf8'))
    } catch (error) {
      if (!(error instanceof KeyProblem)) throw error
      throw wrong(`"${path}" cannot be used: ${error.message}`, START)
    }
  })
  const agent = await startKeyAgent(keys)
  closing.push(() => agent.close())
  return agent.socket
}

function statsOf({ wrong }: Written, path: string): Stats {
  const stats = statSync(resolve(path), { throwIfNoEntry: false })
  if (stats === undefined) throw wrong(`there is no agent and no key at "${path}"`, START)
  return stats
}
