import { resolve } from 'node:path'
import type { Diagnostic, Range } from '../../diagnostics/index.ts'
import { parseSwitch } from '../../notation/index.ts'
import type { FileSystem, LoadResult, OpenOptions, RemoteProblem, SourceFile } from '../contract.ts'
import { load } from '../load.ts'
import { absolutePath, folderOf } from '../paths/paths.ts'
import { isAddress, parseRemote } from '../remote/reference.ts'
import { Remotes } from '../remote/remotes.ts'
import { rangeOf, type Span } from '../tree/source.ts'
import { adviceOnAbsent } from './absent.ts'
import { discover } from './discover.ts'
import { disk, endedBySignals } from './disk.ts'
import { readEnvFiles } from './env.ts'

type Env = Readonly<Record<string, string>>

/** Finds the project's files as Docker Compose does (options, COMPOSE_* variables, `.env`, parents) and loads them. */
export function openProject(options: OpenOptions): LoadResult {
  const opening = new Opening(options)
  const result = opening.open()
  return { ...result, diagnostics: [...opening.diagnostics, ...result.diagnostics] }
}

class Opening {
  readonly diagnostics: Diagnostic[] = []
  readonly #remotes: Remotes
  /** Absolute: all else is resolved from it. */
  readonly #cwd: string
  readonly #options: OpenOptions
  readonly #fileSystem: FileSystem
  readonly #process: Env
  readonly #places = new Map<string, Span>()

  constructor(options: OpenOptions) {
    this.#options = options
    this.#cwd = resolve(options.cwd)
    this.#remotes = new Remotes(options.remote)
    this.#fileSystem = options.fileSystem ?? disk
    const given = Object.entries(options.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    // Some shells do not export it; Docker Compose knows its folder all the same.
    this.#process = { PWD: this.#cwd, ...Object.fromEntries(given) }
  }

  open(): LoadResult {
    const initial = this.#projectDirectory() ?? this.#folderOfFirst(this.#options.files) ?? this.#cwd
    // The first look may set COMPOSE_FILE and COMPOSE_PROFILES; the second adds what stands beside the files.
    const first = this.#environment(initial, this.#process)
    const names = this.#fileNames(first)
    if (names === undefined)
      return this.#fail(
        'NO_COMPOSE_FILE',
        'no configuration file was found here or in a parent folder',
        'write a compose.yaml, or name one with -f',
      )
    const folder = this.#projectDirectory() ?? this.#folderOfFirst(names) ?? this.#cwd
    const env = folder === initial ? first : this.#environment(folder, first)
    const files = this.#read(names)
    const hasErrors = this.diagnostics.some(diagnostic => diagnostic.severity === 'error')
    if (hasErrors || this.#remotes.unfetched.length > 0) return this.#nothing()
    return this.#load(files, folder, env)
  }

  /** `folder` names the project; its paths start there, too, unless one of its files is remote: then beside that one. */
  #load(files: readonly SourceFile[], folder: string, env: Env): LoadResult {
    const { options, remote } = this.#options
    const firstRemote = files.find(({ name }) => this.#remotes.nameOf(name) !== name)
    const projectName = this.#options.projectName ?? env['COMPOSE_PROJECT_NAME']
    const instance = this.#options.instance ?? env['COMPOSE_INSTANCE']
    const given = this.#options.profiles ?? []
    const profiles =
      given.length > 0 ? given : listOf(env['COMPOSE_PROFILES'], ',').map(profile => profile.trim())
    return load({
      files,
      workingDir: firstRemote === undefined ? folder : folderOf(firstRemote.name),
      nameFolder: folder,
      ...(remote === undefined ? {} : { remote }),
      env,
      ...(projectName === undefined ? {} : { projectName }),
      ...(instance ? { instance } : {}),
      profiles,
      services: this.#options.services ?? [],
      environmentFiles: this.#envFiles() ?? [],
      readFile: path => this.#fileSystem.readFile(path),
      placeOfVariable: name => this.#placeOf(name),
      ...(options === undefined ? {} : { options }),
    })
  }

  #placeOf(name: string): Range | undefined {
    const span = this.#places.get(name)
    return span && rangeOf(span)
  }

  #projectDirectory(): string | undefined {
    const { projectDirectory } = this.#options
    return projectDirectory === undefined ? undefined : this.#absolute(projectDirectory)
  }

  #folderOfFirst(files: readonly string[] | undefined): string | undefined {
    const first = files?.find(name => name !== '-')
    return first === undefined || isAddress(first) ? undefined : folderOf(this.#absolute(first))
  }

  #fileNames(env: Env): readonly string[] | undefined {
    if (this.#options.files?.length) return this.#options.files
    const named = filesOf(env['COMPOSE_FILE'] ?? '', env['COMPOSE_PATH_SEPARATOR'] || ':')
    if (named.length > 0) return named
    const found = discover(this.#projectDirectory() ?? this.#cwd, this.#fileSystem)
    if (found && found.ignored.length > 0)
      this.#add(
        'warning',
        'SEVERAL_COMPOSE_FILES',
        `several Compose files are here, ${found.files.join(' and ')} is used`,
        `remove ${found.ignored.join(', ')}`,
      )
    return found?.files
  }

  #envFiles(): readonly string[] | undefined {
    const given = this.#options.envFiles ?? []
    const named = given.length > 0 ? given : listOf(this.#process['COMPOSE_ENV_FILES'], ',')
    return named.length > 0 ? named.map(path => this.#absolute(path)) : undefined
  }

  #environment(folder: string, base: Env): Env {
    const named = this.#envFiles()
    const disabled = parseSwitch(this.#process['COMPOSE_DISABLE_ENV_FILE']) === true
    const paths = named ?? (disabled ? [] : [`${folder === '/' ? '' : folder}/.env`])
    const { env, places, diagnostics } = readEnvFiles(paths, base, this.#fileSystem, named !== undefined)
    for (const [name, span] of places) this.#places.set(name, span)
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic)
    return env
  }

  #read(names: readonly string[]): SourceFile[] {
    const files: SourceFile[] = []
    for (const name of names) {
      if (name === '-') {
        files.push({ name, text: endedBySignals(() => this.#options.stdin?.() ?? '') })
        continue
      }
      const path = isAddress(name) ? this.#fetched(name) : this.#absolute(name)
      if (path === undefined) continue
      const text = this.#fileSystem.readFile(path)
      if (text === undefined) this.#add('error', 'FILE_NOT_FOUND', adviceOnAbsent(path, this.#fileSystem))
      else files.push({ name: path, text })
    }
    return files
  }

  #fetched(reference: string): string | undefined {
    const report = (problem: RemoteProblem): void => {
      this.diagnostics.push({ severity: 'error', ...problem })
    }
    return this.#remotes.find(reference, report)?.path
  }

  #absolute(path: string): string {
    return absolutePath(path, { workingDir: this.#cwd, home: this.#process['HOME'] })
  }

  #fail(code: string, summary: string, hint?: string): LoadResult {
    this.#add('error', code, summary, hint)
    return this.#nothing()
  }

  #nothing(): LoadResult {
    return { diagnostics: [], sources: new Map(), unfetched: this.#remotes.unfetched }
  }

  #add(severity: Diagnostic['severity'], code: string, summary: string, hint?: string): void {
    this.diagnostics.push({ severity, code, summary, ...(hint === undefined ? {} : { hint }) })
  }
}

/** COMPOSE_FILE, which names several files, or one address: colons are in most of them. */
function filesOf(text: string, separator: string): string[] {
  return separator === ':' && parseRemote(text) !== undefined ? [text] : listOf(text, separator)
}

function listOf(text: string | undefined, separator: string): string[] {
  return (text ?? '').split(separator).filter(part => part !== '')
}
