import type { TerminalSize } from '../project/begun-exec.ts'
import type { Streams } from './command.ts'

/** What has a terminal of its own, in a container. */
interface WithTerminal {
  resize(size: TerminalSize): Promise<void>
}

/** How large our terminal is. */
export function sizeOf({ stdout: { rows, columns } }: Streams): TerminalSize {
  return { rows, columns }
}

/** Keys go through raw, and the other terminal is as large as this one; the function returned ends that. */
export function joinTerminal(streams: Streams, other: WithTerminal): () => void {
  const { stdin, stdout } = streams
  const resize = (): void => void other.resize(sizeOf(streams))
  if (stdin.isTTY) stdin.setRawMode(true)
  stdout.on('resize', resize)
  resize()
  return () => {
    if (stdin.isTTY) stdin.setRawMode(false)
    stdout.off('resize', resize)
  }
}
