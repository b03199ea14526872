import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A container's first process, without the engine: its pid is in the monitor's status. */
export function pidOfContainer(env: Readonly<Record<string, string>>, id: string): number {
  const status = readFileSync(join(env['TSCOMPOSE_ROOT'] ?? '', 'containers', id, 'status'), 'utf8')
  return Number(/^pid=(\d+)$/m.exec(status)?.[1])
}

/** Sends a signal, SIGKILL unless told, to a container's first process from the host, without the engine. */
export function killContainer(
  env: Readonly<Record<string, string>>,
  id: string,
  signal: NodeJS.Signals = 'SIGKILL',
): void {
  const pid = pidOfContainer(env, id)
  if (!(pid > 1)) throw new Error(`container ${id} has no running process`)
  process.kill(pid, signal)
}
