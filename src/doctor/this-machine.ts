import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdir, mkdtemp, open, readdir, readFile, rm, stat, statfs } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import { errnoOf, messageOf } from '../diagnostics/index.ts'
import { everybody, tryGroups } from '../engine/cgroup/index.ts'
import { openSELinux } from '../engine/security/selinux/index.ts'
import { lockHolder } from '../linux/process-lock.ts'
import { createNative, nativeErrorOf } from '../native/index.ts'
import { shortcutPrograms } from '../network/shortcut/programs.ts'
import type { Machine, Output, Space } from './machine.ts'
import { type Probe, probeProgram } from './probes.ts'
import { type KernelTable, readTables, withRules } from './tables.ts'

/** Where the programs are that root runs; a user's PATH may lack sbin. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Longest that a program is waited for, in milliseconds. */
const PROGRAM_LIMIT = 20_000

/** The machine that we are on, with an engine's ROOT and RUN. */
export function thisMachine(paths: Pick<Machine, 'root' | 'run'>, path = ''): Machine {
  const search = `${path}:${SYSTEM_PATH}`
  return {
    root: paths.root,
    run: paths.run,
    uid: process.geteuid?.() ?? -1,
    node: process.versions.node,
    kernel: release(),
    now: Date.now(),
    read: file => unlessRefused(() => readFile(file, 'utf8')),
    list: async folder => (await unlessRefused(() => readdir(folder))) ?? [],
    changed: folder => unlessRefused(async () => (await stat(folder)).mtimeMs),
    holder: lockHolder,
    listens,
    writable: async file =>
      (await unlessRefused(async () => (await open(file, constants.O_WRONLY)).close().then(() => true))) ??
      false,
    finds: program => finds(program, search),
    output: (program, args, input) => output(program, args, search, input),
    tables,
    refusal: probe => refusal(probe, paths.root),
    folderRefusal: folder => refusedBy(() => withFolder(folder, async () => undefined)),
    space: async folder => spaceOf(await nearest(folder)),
    selinux: () => openSELinux(),
    groups: () => tryGroups(`tscompose-doctor-${process.pid}`),
  }
}

/** What a work gives; undefined where the file system refuses it. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

function listens(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const connection = createConnection(socket)
    const answer = (is: boolean): void => {
      connection.destroy()
      resolve(is)
    }
    connection.once('connect', () => answer(true))
    connection.once('error', () => answer(false))
  })
}

async function finds(program: string, search: string): Promise<boolean> {
  for (const folder of search.split(':').filter(each => each !== '')) {
    const there = await unlessRefused(async () => {
      await access(join(folder, program), constants.X_OK)
      return true
    })
    if (there) return true
  }
  return false
}

function output(
  program: string,
  args: readonly string[],
  search: string,
  input = '',
): Promise<Output | undefined> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: search, LC_ALL: 'C' }, timeout: PROGRAM_LIMIT, maxBuffer: 2 ** 26 }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (errnoOf(error) === 'ENOENT') resolve(undefined)
      else resolve({ code: error === null ? 0 : (child.exitCode ?? 255), stdout, stderr })
    })
    // A program that ends early closes its input; its exit code says why.
    child.stdin?.once('error', error => {
      if (errnoOf(error) !== 'EPIPE') reject(error)
    })
    child.stdin?.end(input)
  })
}

/** Whoever is not root, or has a kernel without nf_tables, is told none. */
async function tables(): Promise<readonly KernelTable[] | undefined> {
  try {
    return await readTables(createNative())
  } catch (error) {
    if (nativeErrorOf(error) === undefined) throw error
    return undefined
  }
}

/** A folder that is there, the lowest on the way to this one. */
async function nearest(folder: string): Promise<string> {
  const isThere = await unlessRefused(async () => (await stat(folder)).isDirectory())
  return isThere || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

/** Gives a new folder in this one, or where this one would be made, to a work, and removes it. */
async function withFolder<T>(folder: string, work: (made: string) => Promise<T>): Promise<T> {
  const made = await mkdtemp(join(await nearest(folder), '.tscompose-doctor-'))
  try {
    return await work(made)
  } finally {
    await rm(made, { recursive: true })
  }
}

/** Leads nobody: no listener says where. */
function tryShortcut(): Promise<void> {
  return withRules(createNative(), async connection => {
    await connection.attach(shortcutPrograms(everybody() ?? '', { ipv4: true, ipv6: true }, 'all'))
  })
}

async function refusal(probe: Probe, root: string): Promise<string | undefined> {
  if (probe === 'shortcut') return refusedBy(tryShortcut)
  const attempt = async (folder: string): Promise<void> => {
    await createNative().run(probeProgram(probe, folder))
  }
  if (probe !== 'overlay' && probe !== 'idmapped mount') return refusedBy(() => attempt('/'))
  return refusedBy(() =>
    withFolder(root, async folder => {
      for (const name of ['lower', 'upper', 'work']) await mkdir(join(folder, name))
      await attempt(folder)
    }),
  )
}

/** The errno, or the words, of what a work was refused by. */
async function refusedBy(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return nativeErrorOf(error)?.errno ?? errnoOf(error) ?? messageOf(error)
  }
}

async function spaceOf(folder: string): Promise<Space> {
  const { bavail, bsize, files, ffree } = await statfs(folder)
  return { bytes: bavail * bsize, files: files === 0 ? undefined : ffree }
}
