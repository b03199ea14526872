import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { messageOf } from '../../diagnostics/index.ts'
import { started } from '../../linux/started.ts'
import type { Environment } from '../target.ts'

/**
 * Tells a service manager that waits for it (`Type=notify`) how this process is. By systemd's own program, since Node opens no sockets of
 * that kind; where there is no such service manager nothing happens. Never rejects: the service runs whether or not somebody hears of it.
 */
export async function notify(
  env: Environment,
  words: readonly string[],
  onTrouble: (text: string) => void,
): Promise<void> {
  const { NOTIFY_SOCKET, PATH } = env
  if (!NOTIFY_SOCKET) return
  try {
    const child = started(
      spawn('systemd-notify', words, {
        env: { NOTIFY_SOCKET, ...(PATH === undefined ? {} : { PATH }) },
        stdio: 'ignore',
      }),
    )
    const [status] = await once(child, 'close')
    if (status !== 0) onTrouble(`systemd-notify ended with ${status}`)
  } catch (error) {
    onTrouble(`systemd-notify cannot be run: ${messageOf(error)}`)
  }
}
