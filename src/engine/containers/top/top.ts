import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { ContainerTopResponse } from '../../../api/types/index.ts'
import { errnoOf } from '../../../diagnostics/index.ts'
import { currentNamespace } from '../../groups/user-mapping.ts'
import { USERNS_IDS } from '../../security/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { requireLive } from '../kill.ts'
import type { Machine } from './columns.ts'
import { type ProcessFacts, readProcess } from './process.ts'
import { columnsOf } from './ps-arguments.ts'

/**
 * Bytes of arguments that are told of one process, and of all: each may have 6 MB of them, which its children share with it, so that a
 * container of little memory could have the engine read gigabytes.
 */
const ARGUMENTS_MOST = 64 << 10
const ALL_ARGUMENTS_MOST = 16 << 20

/** `GET /containers/{id}/top`: what ps(1) of the host would say of the container's processes, read from /proc. Errors: PS_ARGS. */
export function topContainer(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  psArguments: string,
): ContainerTopResponse {
  requireLive(container)
  const columns = columnsOf(psArguments)
  const pids = [...engine.host.cgroups.processes(container.id)].sort((a, b) => a - b)
  const first = currentNamespace(container)?.first
  const most = Math.min(ARGUMENTS_MOST, Math.floor(ALL_ARGUMENTS_MOST / pids.length))
  const processes = pids.flatMap(pid => readProcess(pid, most) ?? []).map(each => asInside(each, first))
  const machine = readMachine()
  return {
    Titles: columns.map(({ title }) => title),
    Processes: processes.map(process => columns.map(({ of }) => of(process, machine))),
  }
}

/** Users by their numbers inside, as where the container is not in a user namespace. */
function asInside(process: ProcessFacts, first: number | undefined): ProcessFacts {
  const inside = (id: number): number =>
    first !== undefined && id >= first && id < first + USERNS_IDS ? id - first : id
  return { ...process, uid: inside(process.uid), realUid: inside(process.realUid) }
}

function readMachine(): Machine {
  return {
    now: Date.now(),
    uptime: Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]),
    memory: totalmem(),
    users: hostUsers(),
  }
}

/** Names by user id; a machine without the file has none. */
function hostUsers(): ReadonlyMap<number, string> {
  const users = new Map<number, string>()
  let text = ''
  try {
    text = readFileSync('/etc/passwd', 'utf8')
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  for (const line of text.split('\n')) {
    const [name = '', , uid = ''] = line.split(':')
    if (uid !== '' && !users.has(Number(uid))) users.set(Number(uid), name)
  }
  return users
}
