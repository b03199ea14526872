import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * When the sources in a folder were made, in RFC 3339 as Docker writes it, so that the same sources give the same build:
 * SOURCE_DATE_EPOCH (seconds; reproducible-builds.org), the time of the commit, or that of package.json where there is no repository.
 */
export function buildTimeOf(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const epoch = env['SOURCE_DATE_EPOCH'] || commitTime(folder)
  const seconds = /^\d{1,11}$/.test(epoch)
    ? Number(epoch)
    : statSync(join(folder, 'package.json')).mtimeMs / 1000
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', '.000000000+00:00')
}

/** Seconds since 1970; empty where the folder is not the top of a repository that git reads. */
function commitTime(folder: string): string {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : undefined
  }
  return git('rev-parse', '--show-prefix') === '' ? (git('log', '-1', '--format=%ct') ?? '') : ''
}
