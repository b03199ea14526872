import type { Diagnostic } from '../diagnostics/index.ts'
import type { Caller } from '../executor/index.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Which project is meant: what stands before the command on a command line. */
export interface Target {
  /** Where Compose files are looked for, and where the paths below start; default, and base: the working folder of the process. */
  readonly cwd?: string
  /** Variables, DOCKER_HOST and TSCOMPOSE_* among them; default: those of the process. */
  readonly env?: Environment
  readonly files?: readonly string[]
  readonly projectName?: string
  /** Which of several of the same files; default: COMPOSE_INSTANCE. */
  readonly instance?: string
  readonly profiles?: readonly string[]
  readonly envFiles?: readonly string[]
  /** Base of relative paths in the files; default: the folder of the first file. */
  readonly projectDirectory?: string
  /** Keep networks, volumes, secrets and configs that no service uses. */
  readonly allResources?: boolean
  /** Pid by which those who wait for this work are told of it; default: that of the process. */
  readonly pid?: number
  /** What the file `-` is; without it there is none. */
  readonly stdin?: () => string
  /** Hears what the files have in them that is no error, with the files' texts by path. */
  readonly onDiagnostics?: (diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) => void
}

/** The variables that hold for a target. */
export function environmentOf({ env = process.env }: Target): Environment {
  return env
}

/** Whether an engine is named, which is taken for a Docker Engine even where it is ours. */
export function isForeign(env: Environment): boolean {
  return Boolean(env['DOCKER_HOST'])
}

/** Who runs a command: the user of the process, or who became root by sudo for it. */
export function callerOf(
  env: Environment,
  process_: Pick<NodeJS.Process, 'getuid' | 'getgid'> = process,
): Caller {
  const [uid, gid] = [process_.getuid?.() ?? 0, process_.getgid?.() ?? 0]
  if (uid !== 0) return { uid, gid }
  const [asked, group] = [env['SUDO_UID'], env['SUDO_GID']].map(idOf)
  return asked === undefined || group === undefined ? { uid, gid } : { uid: asked, gid: group }
}

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
