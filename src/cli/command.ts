import type { Failure } from '../diagnostics/index.ts'
import type { GlobalOptions } from './global-options.ts'
import type { CommandLine } from './shell/command-line.ts'
import type { Signals } from './signals.ts'

/** Where whoever typed the command reads and writes: streams of this process, or of the one that handed the command to it. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** For a command that is run for another process than its own: what that one does should this one be lost from here on. */
export interface IfLost {
  /** Says that nobody knows what became of the command; `problem` in place of that, for who knows better. */
  tell(problem?: Failure): void
  /** Says that nothing has begun of what was told of: as before the first word. */
  takeBack(): void
  /** Runs the command by itself, with `CommandContext.left`: this text, how much has come of what was passed on, and whether input was read. */
  goOn(text: string): void
  /** Writes what a container has written, which is counted for who goes on. */
  passOn(kind: 'stdout' | 'stderr', bytes: Buffer): void
}

/** What a command has left to who goes on with it in its place. */
export interface Left {
  readonly text: string
  /** Bytes that were passed on. */
  readonly passed: Readonly<Record<'stdout' | 'stderr', number>>
  /** Bytes of standard input were read, which are there no more. */
  readonly hadInput: boolean
}

/** What every command is given beside its own options. */
export interface CommandContext {
  readonly globals: GlobalOptions
  readonly streams: Streams
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative paths start: not always this process's own working folder. */
  readonly cwd: string
  /** The name that the program was started by: `docker-compose` where a link of that name leads to it. */
  readonly calledAs: string
  readonly signals: Signals
  /** Pid of what was typed, as others are told of it. */
  readonly pid: number
  /** Reads all of standard input: what the file `-` is. */
  readonly readInput: () => string
  /** Heard before a command is run; resolves when it may be. Absent: it may. */
  readonly begin?: (command: BeginningCommand) => Promise<void>
  /** Present where another process is there for whoever typed the command. */
  readonly ifLost?: IfLost
  /** Present where this process goes on with a command that another one was lost with. */
  readonly left?: Left
  /**
   * When the process began that is there for this command alone, in microseconds since 1970; absent where a thread had waited for it. Asked for
   * by a trace only: a look at that clock has Node load its module.
   */
  readonly processBegin?: () => number
  /** All that can be written on a command line: what completion is made of. */
  readonly commandLine: () => Promise<CommandLine>
}

/** A command whose words are read and whose settings are known, right before it is run. */
export interface BeginningCommand extends Pick<CommandContext, 'globals' | 'env' | 'cwd'> {
  readonly name: string
  /** Its options as they were given. */
  readonly values: Readonly<Record<string, unknown>>
}

/** All that a command knows of the process that was typed: no command looks at `process` for it. */
export type Edges = Omit<CommandContext, 'globals' | 'commandLine'>

/** Whether the program stands for Docker Compose's own: what scripts ask it for is answered in its way. */
export function isStandalone({ calledAs }: Pick<CommandContext, 'calledAs'>): boolean {
  return calledAs === 'docker-compose'
}
