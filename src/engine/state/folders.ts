import { chmodSync, existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, failure } from '../../diagnostics/index.ts'
import { makeFolder } from '../../linux/make-folder.ts'
import { ensureInitLayer } from '../rootfs/index.ts'
import { type EnginePaths, procFolder } from './paths.ts'

/**
 * What ROOT and RUN hold. Below each are files whose modes are the business of containers (a setuid program in a volume,
 * CVE-2021-41091) and of relays (names, read without a right), so no other user of the machine gets past these folders.
 */
const IN_ROOT = ['containers', 'images', 'networks', 'volumes', 'tmp'] as const
const IN_RUN = ['builds', 'containers', 'networks', 'proc', 'projects'] as const

/** Of ROOT, as earlier versions made it. */
const OLD_ROOT_MODE = 0o711

/** The address of a unix socket has 107 bytes; a monitor's needs this many of them behind RUN. */
const LONGEST_RUN = 107 - '/containers/0123456789abcdef/monitor.sock'.length

/**
 * Makes ROOT, RUN and what root alone may enter there, and closes what an earlier version left open. The modes of a ROOT or
 * RUN that somebody else has made stay: it may be a folder that others use too; FOLDER_OPEN warns where others may write to
 * it, and so put a folder or a socket of theirs in the place of ours. Errors: RUN_TOO_LONG, FOLDER_UNUSABLE.
 */
export function makeFolders(paths: EnginePaths, warn: (warning: Diagnostic) => void): void {
  checkRun(paths.run)
  for (const folder of [paths.root, paths.run]) makeFolder(folder, 0o700)
  if (modeOf(paths.root) === OLD_ROOT_MODE) chmodSync(paths.root, 0o700)
  for (const folder of [...below(paths.root, IN_ROOT), ...below(paths.run, IN_RUN)]) {
    makeFolder(folder, 0o700)
    close(folder)
  }
  const volumes = join(paths.root, 'volumes')
  for (const folder of [join(paths.root, 'remote'), ...below(volumes, readdirSync(volumes))]) close(folder)
  ensureInitLayer(paths.initLayer, join(paths.root, 'tmp', 'init-layer'))
  warnOfOthers('TSCOMPOSE_ROOT', paths.root, warn)
  warnOfOthers('TSCOMPOSE_RUN', paths.run, warn)
}

/** Removes the name of the server of /proc files, which ends with the last container: in RUN nothing is left but folders. */
export function forgetProcServer(paths: EnginePaths): void {
  const folder = procFolder(paths)
  // Somebody may have removed RUN.
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
}

function warnOfOthers(variable: string, folder: string, warn: (warning: Diagnostic) => void): void {
  const { mode, uid } = statSync(folder)
  if ((mode & 0o022) === 0 && uid === process.geteuid?.()) return
  warn({
    severity: 'warning',
    code: 'FOLDER_OPEN',
    summary: `other users can write to "${folder}": it belongs to user ${uid} and has the mode ${(mode & 0o7777).toString(8)}`,
    hint: `give it to root with the mode 0700, or set ${variable} to another folder`,
  })
}

function checkRun(run: string): void {
  if (Buffer.byteLength(run) <= LONGEST_RUN) return
  throw failure({
    code: 'RUN_TOO_LONG',
    kind: 'invalidArgument',
    summary: `run folder "${run}" has more than ${LONGEST_RUN} bytes, too many for the paths of sockets`,
    hint: 'set TSCOMPOSE_RUN to a shorter path',
  })
}

function below(folder: string, names: readonly string[]): string[] {
  return names.map(name => join(folder, name))
}

/** Takes the rights of group and others. What a link leads to is somebody else's, and an engine that ends may tidy up. */
function close(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true && (stats.mode & 0o077) !== 0) chmodSync(path, stats.mode & 0o700)
}

function modeOf(folder: string): number {
  return lstatSync(folder).mode & 0o7777
}
