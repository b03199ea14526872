import type { CgroupFilesystem } from './filesystem.ts'

/** An errno as Node throws it. */
function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

/**
 * cgroupfs in memory: a new folder gets the control files that `controlFiles` names for it; every write is recorded.
 */
export class MemoryCgroups implements CgroupFilesystem {
  /** Text of each file by its path. */
  readonly texts: Map<string, string> = new Map()
  readonly directories: Set<string> = new Set()
  readonly writes: string[] = []
  readonly aside: string[] = []
  /** Errno to throw for a write, mkdir or rmdir, by path. */
  readonly refusals: Map<string, string> = new Map()
  readonly #controlFiles: (path: string) => Readonly<Record<string, string>>

  constructor(controlFiles: (path: string) => Readonly<Record<string, string>>) {
    this.#controlFiles = controlFiles
  }

  mkdir(path: string): boolean {
    this.#refuse(path)
    if (this.directories.has(path)) return false
    if (!this.directories.has(path.slice(0, path.lastIndexOf('/')))) throw systemError('ENOENT', path)
    this.add(path)
    return true
  }

  /** A folder that the kernel has: a mount point. */
  add(path: string): void {
    this.directories.add(path)
    for (const [name, value] of Object.entries(this.#controlFiles(path)))
      this.texts.set(`${path}/${name}`, value)
  }

  rmdir(path: string): void {
    this.#refuse(path)
    if (!this.directories.has(path)) throw systemError('ENOENT', path)
    if (this.folders(path).length > 0) throw systemError('EBUSY', path)
    this.directories.delete(path)
    for (const file of this.texts.keys()) if (file.startsWith(`${path}/`)) this.texts.delete(file)
  }

  write(path: string, value: string): void {
    this.#refuse(path)
    if (!this.texts.has(path)) throw systemError('ENOENT', path)
    this.texts.set(path, value)
    this.writes.push(`${path} ${value}`)
  }

  async writeAside(path: string, value: string): Promise<string | undefined> {
    this.aside.push(`${path} ${value}`)
    return this.refusals.get(path) ?? (this.texts.has(path) ? undefined : 'ENOENT')
  }

  read(path: string): string {
    const text = this.texts.get(path)
    if (text === undefined) throw systemError('ENOENT', path)
    return text
  }

  files(path: string): string[] {
    return [...this.texts.keys()]
      .filter(each => each.startsWith(`${path}/`) && !each.slice(path.length + 1).includes('/'))
      .map(each => each.slice(path.length + 1))
  }

  folders(path: string): string[] {
    if (!this.directories.has(path)) throw systemError('ENOENT', path)
    return [...this.directories]
      .filter(each => each.startsWith(`${path}/`) && !each.slice(path.length + 1).includes('/'))
      .map(each => each.slice(path.length + 1))
  }

  #refuse(path: string): void {
    const errno = this.refusals.get(path)
    if (errno !== undefined) throw systemError(errno, path)
  }
}
