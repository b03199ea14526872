import type { GlobalOptions } from './global-options.ts'
import type { CommandLine } from './shell/command-line.ts'

/** The process's edges, injected so that a command can be run by a test. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** What every command is given beside its own options. */
export interface CommandContext {
  readonly globals: GlobalOptions
  readonly streams: Streams
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The name that the program was started by: `docker-compose` where a link of that name leads to it. */
  readonly calledAs: string
  /** All that can be written on a command line: what completion is made of. */
  readonly commandLine: () => Promise<CommandLine>
}

/** What the process gives to every command. */
export type Edges = Pick<CommandContext, 'streams' | 'env' | 'cwd' | 'calledAs'>

/** Whether the program stands for Docker Compose's own: what scripts ask it for is answered in its way. */
export function isStandalone({ calledAs }: Pick<CommandContext, 'calledAs'>): boolean {
  return calledAs === 'docker-compose'
}
