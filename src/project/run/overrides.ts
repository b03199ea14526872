import { resolve } from 'node:path'
import type { Project, Service } from '../../model/index.ts'
import { ProjectFailure } from '../failures.ts'

/** What a command line says of a one-off container, in the words of a Compose file. */
export interface OverrideWords {
  /** `null` takes the project's value; where there is none the variable is not set, whatever the image says. */
  readonly env?: Readonly<Record<string, string | null>>
  /** Files of variables; relative ones start at `cwd`. */
  readonly envFiles?: readonly string[]
  /** One text with words as in a file. */
  readonly entrypoint?: string
  readonly user?: string
  readonly workdir?: string
  /** In the short form, `./data:/data:ro`; relative ones start at the project's folder. */
  readonly volumes?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  /** In the short form, `127.0.0.1:8080:80`. */
  readonly ports?: readonly string[]
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
}

const NAME = 'run'

/**
 * Reads these words as the loader reads a file, so that both mean the same. Raises ProjectFailure with what is wrong about
 * them.
 */
export async function readOverrides(
  project: Project,
  words: OverrideWords,
  cwd: string,
): Promise<Partial<Service>> {
  const { env, envFiles, entrypoint, user, workdir, volumes = [], labels, ports, capAdd, capDrop } = words
  const service = {
    image: NAME,
    environment: env,
    env_file: envFiles?.map(path => resolve(cwd, path)),
    entrypoint,
    user,
    working_dir: workdir,
    volumes,
    labels,
    ports,
    cap_add: capAdd,
    cap_drop: capDrop,
  }
  if (Object.values(service).every(value => value === NAME || value === undefined || value.length === 0))
    return {}
  const named = volumes.map(text => text.split(':')[0] ?? '').filter(source => /^[\w][\w.-]*$/.test(source))
  const file = {
    services: { [NAME]: service },
    // What the file does not declare is a volume of the engine's with that name.
    volumes: Object.fromEntries(named.map(source => [source, { name: source }])),
  }
  const { load } = await import('../../parser/index.ts')
  const { readFileSync } = await import('node:fs')
  const { project: read, diagnostics } = load({
    files: [{ name: 'the command line', text: JSON.stringify(escaped(file)) }],
    workingDir: project.workingDir,
    projectName: project.name,
    env: project.environment,
    readFile: path => readIfThere(path, readFileSync),
  })
  const found = read?.model.services[NAME]
  if (found === undefined)
    throw new ProjectFailure(diagnostics.map(({ range: _range, path: _path, ...diagnostic }) => diagnostic))
  return found
}

/** The shell has put variables in already: a dollar is meant as it stands. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]))
}

function readIfThere(path: string, read: (path: string, encoding: 'utf8') => string): string | undefined {
  try {
    return read(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return undefined
    throw error
  }
}
