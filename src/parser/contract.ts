import type { Diagnostic, Range } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { RemoteReference } from './remote/reference.ts'

/** A Compose file that was read already. */
export interface SourceFile {
  /** Absolute path, or `-` for standard input. */
  readonly name: string
  readonly text: string
}

/** Which passes run; all of them by default. */
export interface LoadOptions {
  /** False: `${…}` stays as written. */
  readonly interpolate?: boolean
  /** False: no implicit networks, names and dependencies. */
  readonly normalize?: boolean
  /** False: relative paths stay relative. */
  readonly resolvePaths?: boolean
  /** False: references between parts of the model are not checked. */
  readonly checkConsistency?: boolean
  /** False: `env_file` is kept and not read. */
  readonly resolveEnvironment?: boolean
  /** True: networks, volumes, secrets and configs that no service uses are kept. */
  readonly allResources?: boolean
  /** False: a selection of services does not bring what they depend on. */
  readonly dependencies?: boolean
  /** True: services that name no platform have that of DOCKER_DEFAULT_PLATFORM, as those have it who build and run them. */
  readonly defaultPlatform?: boolean
}

/** What a remote reference names, brought to this machine. */
export interface RemoteFile {
  /** The Compose file, absolute. */
  readonly path: string
  /** Top of the checkout or artefact. Relative paths of a service that `extends` takes from it start here. */
  readonly root: string
}

/** Why a remote reference could not be brought here. */
export type RemoteProblem = Pick<Diagnostic, 'code' | 'summary' | 'detail' | 'hint'>

/** What is known of a remote reference; undefined when nobody has asked for it yet. */
export type RemoteLookup = (reference: string) => RemoteFile | { readonly problem: RemoteProblem } | undefined

/** Brings remote files here: the only way by which loading a project reaches a network, and never by itself. */
export interface RemoteLoader {
  /** Raises a Failure whose first diagnostic says why it cannot be had. */
  fetch(reference: RemoteReference): Promise<RemoteFile>
}

/** All that loading needs: no file system, clock or process environment is touched but by what is given here. */
export interface LoadInput {
  /** In the order of merging. */
  readonly files: readonly SourceFile[]
  /** Base of relative paths, absolute. */
  readonly workingDir: string
  /** Folder whose name is the project's last resort, where it is not the working folder's. */
  readonly nameFolder?: string
  /** For interpolation and pass-through variables. */
  readonly env: Readonly<Record<string, string>>
  /** Wins over `name:` of the files; otherwise the name of the working folder is the last resort. */
  readonly projectName?: string
  /** Which of several of the same files: the end of the project's name. */
  readonly instance?: string
  /** Active profiles; `*` stands for all. */
  readonly profiles?: readonly string[]
  /** Names or glob patterns; empty or absent: all that the profiles enable. */
  readonly services?: readonly string[]
  /** --env-file paths, for the record only: `env` holds their content already. */
  readonly environmentFiles?: readonly string[]
  /** Text of a file that include, extends, env_file or label_file names; undefined when there is none. */
  readonly readFile?: (path: string) => string | undefined
  /** Where a dotenv file sets a variable of `env`; undefined for those of the environment itself. */
  readonly placeOfVariable?: (name: string) => Range | undefined
  /** Absent: a remote reference is an error. */
  readonly remote?: RemoteLookup
  readonly options?: LoadOptions
}

/** The project, or the reasons why there is none; warnings may come with a project. */
export interface LoadResult {
  /** Absent when a diagnostic is an error. */
  readonly project?: Project
  readonly diagnostics: readonly Diagnostic[]
  /** With `interpolate: false`: the merged files as plain data, since texts with variables in them fit no type. */
  readonly merged?: unknown
  /** Text of every file that was read, by name: the code frames of diagnostics need it. */
  readonly sources: ReadonlyMap<string, string>
  /** Remote references that `remote` did not know yet: the rest of the result counts only once it is empty. */
  readonly unfetched: readonly string[]
}

/** The part of a file system that finding and reading Compose files needs. */
export interface FileSystem {
  /** Text of a file; undefined when there is none. Other failures throw. */
  readFile(path: string): string | undefined
  exists(path: string): boolean
}

/** What the command line says about the project; nothing is read from the process but through these. */
export interface OpenOptions {
  /** Where files are looked for, and where the other paths here start; may be relative to the process's own. */
  readonly cwd: string
  /** The process environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** -f, in order; COMPOSE_FILE, then discovery when absent or empty. */
  readonly files?: readonly string[]
  /** -p */
  readonly projectName?: string
  /** --instance; COMPOSE_INSTANCE when absent. */
  readonly instance?: string
  /** --project-directory */
  readonly projectDirectory?: string
  /** --env-file, in order; COMPOSE_ENV_FILES, then `.env` when absent or empty. */
  readonly envFiles?: readonly string[]
  /** --profile; COMPOSE_PROFILES when absent or empty. */
  readonly profiles?: readonly string[]
  readonly services?: readonly string[]
  readonly fileSystem?: FileSystem
  /** True: what this thread has loaded last may be given again, for callers who change nothing of it. */
  readonly keepsLast?: boolean
  /** Text of standard input, for `-f -`. */
  readonly stdin?: () => string
  /** What is known of remote references; absent: each is an error. `openRemoteProject` fills it. */
  readonly remote?: RemoteLookup
  readonly options?: LoadOptions
}
