import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Sends a signal, SIGKILL unless told, to a container's first process from the host, without the engine: its pid is in the monitor's status. */
export function killContainer(
  env: Readonly<Record<string, string>>,
  id: string,
  signal: NodeJS.Signals = 'SIGKILL',
): void {
  const status = readFileSync(join(env['TSCOMPOSE_ROOT'] ?? '', 'containers', id, 'status'), 'utf8')
  const pid = Number(/^pid=(\d+)$/m.exec(status)?.[1])
  if (!(pid > 1)) throw new Error(`container ${id} has no running process:\n${status}`)
  process.kill(pid, signal)
}
