import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { posix } from 'node:path'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { TarEntry, TreeSink } from '../../tar/index.ts'
import { LeftOut } from './left-out.ts'

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/**
 * Makes files of a container's archive in a folder of this machine. What is in the archive is the container's word: no link that
 * it has made, and none that lies there, is walked through, since each folder is opened beneath the one before it. Owners are the
 * caller's, as with Docker; setuid and setgid are not kept, so that no container leaves a program that makes its user root, and no
 * devices are made.
 */
export class HostSink implements TreeSink {
  /** What was not made. */
  readonly leftOut: LeftOut = new LeftOut()
  readonly #root: number
  #parent: { readonly name: string; readonly fd: number } | undefined
  #file: { readonly fd: number; readonly entry: TarEntry } | undefined

  /** Opens the folder; links on the way to it are the user's own. Raises what open(2) does. */
  constructor(folder: string) {
    this.#root = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  }

  entry(entry: TarEntry): void {
    this.#endFile()
    try {
      const parent = this.#openParent(posix.dirname(entry.name))
      this.#make(entry, pathIn(parent, posix.basename(entry.name)))
    } catch (error) {
      throw error instanceof Failure ? error : failed(entry, error)
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#file === undefined) return
    const { fd, entry } = this.#file
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
    } catch (error) {
      throw failed(entry, error)
    }
  }

  folderTime({ name, mtime }: Pick<TarEntry, 'name' | 'mtime'>): void {
    this.#endFile()
    const path = pathIn(this.#openParent(posix.dirname(name)), posix.basename(name))
    lutimesSync(path, mtime, mtime)
  }

  ready(): Promise<void> {
    return Promise.resolve()
  }

  /** Ends the last file, and lets go of the folders. */
  close(): void {
    this.#endFile()
    if (this.#parent !== undefined) closeSync(this.#parent.fd)
    this.#parent = undefined
    closeSync(this.#root)
  }

  #make(entry: TarEntry, path: Buffer): void {
    const there = lstatSync(path, { throwIfNoEntry: false })
    if (isNothing(entry, there)) {
      this.leftOut.add(entry.type)
      return
    }
    if (there !== undefined && !isReplaceable(there, entry)) throw otherKind(entry)
    if (there !== undefined && entry.type !== 'folder') rmSync(path)
    switch (entry.type) {
      case 'folder':
        if (there === undefined) mkdirSync(path)
        setMode(path, entry.mode & 0o777)
        return
      case 'symlink':
        symlinkSync(Buffer.from(entry.linkName, 'latin1'), path)
        lutimesSync(path, entry.mtime, entry.mtime)
        return
      case 'link':
        this.#link(entry, path)
        return
      case 'fifo':
        if (!makePipe(entry, path)) this.leftOut.add('fifo')
        return
      case 'file':
        this.#file = { fd: openSync(path, NEW_FILE, 0o600), entry }
        return
    }
  }

  /** A hard link, to what was unpacked before. */
  #link({ linkName }: TarEntry, path: Buffer): void {
    const folder = this.#open(posix.dirname(linkName))
    try {
      linkSync(pathIn(folder, posix.basename(linkName)), path)
    } finally {
      closeSync(folder)
    }
  }

  #endFile(): void {
    if (this.#file === undefined) return
    const { fd, entry } = this.#file
    this.#file = undefined
    fchmodSync(fd, entry.mode & 0o777)
    futimesSync(fd, entry.mtime, entry.mtime)
    closeSync(fd)
  }

  /** The folder that entries are made in is mostly that of the entry before. */
  #openParent(name: string): number {
    if (this.#parent?.name === name) return this.#parent.fd
    if (this.#parent !== undefined) closeSync(this.#parent.fd)
    this.#parent = undefined
    const fd = this.#open(name)
    this.#parent = { name, fd }
    return fd
  }

  /** Opens a folder beneath the root, step by step; one that is not there is made. */
  #open(name: string): number {
    let fd = openSync(pathIn(this.#root, '.'), FOLDER)
    for (const step of name === '.' ? [] : name.split('/')) {
      const path = pathIn(fd, step)
      try {
        if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path)
        const next = openSync(path, FOLDER)
        closeSync(fd)
        fd = next
      } catch (error) {
        closeSync(fd)
        throw error
      }
    }
    return fd
  }
}

/** By mkfifo(1), since Node makes no pipes; false where it cannot be called, or not with such a name. */
function makePipe({ name, mode }: TarEntry, path: Buffer): boolean {
  const text = path.toString()
  if (!Buffer.from(text).equals(path)) return false
  // The open folder is ours: to the program it is that of another process.
  const whole = text.replace('/proc/self/', `/proc/${process.pid}/`)
  const { status, error, stderr } = spawnSync('mkfifo', ['-m', (mode & 0o777).toString(8), whole])
  if (error !== undefined) return false
  if (status !== 0) throw new Error(`mkfifo "${name}": ${stderr.toString().trim()}`)
  return true
}

/** Of a folder, and of nothing that has taken its place. */
function setMode(path: Buffer, mode: number): void {
  const fd = openSync(path, FOLDER)
  try {
    fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}

/** What lies in an open folder, as a path; names of archives are bytes as latin1 text. */
function pathIn(fd: number, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), Buffer.from(name, 'latin1')])
}

function readable({ name }: TarEntry): string {
  return Buffer.from(name, 'latin1').toString()
}

/** Devices are not for here, and a pipe in a file's place would keep waiting whoever reads the file. */
function isNothing({ type }: TarEntry, there: Stats | undefined): boolean {
  return type === 'char' || type === 'block' || (type === 'fifo' && there !== undefined)
}

/** Files take the place of files and links, not of devices: those are the machine's. */
function isReplaceable(there: Stats, { type }: TarEntry): boolean {
  return type === 'folder' ? there.isDirectory() : there.isFile() || there.isSymbolicLink()
}

function otherKind(entry: TarEntry): Error {
  const [there, comes] = entry.type === 'folder' ? ['no folder', 'a folder'] : ['no regular file', 'a file']
  return failure({
    code: 'COPY_PLACE',
    kind: 'conflict',
    summary: `"${readable(entry)}" is ${there} here, and ${comes} in the container`,
    hint: 'remove it, or copy to another place',
  })
}

function failed(entry: TarEntry, cause: unknown): Error {
  return failure({
    code: 'COPY_FAILED',
    kind: 'invalidArgument',
    // Where it stands is a way to it that nobody has typed.
    summary: `"${readable(entry)}" cannot be written: ${messageOf(cause).replace(/, \w+ '.*$/s, '')}`,
    cause,
  })
}
