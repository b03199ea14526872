import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Diagnostic } from '../../diagnostics/index.ts'
import { makeFolders } from './folders.ts'
import { enginePaths } from './paths.ts'

let folder: string
let paths: ReturnType<typeof enginePaths>
const warn = vi.fn<(warning: Diagnostic) => void>()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-folders-'))
  warn.mockClear()
  paths = enginePaths(join(folder, 'root'), join(folder, 'run'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const modeOf = (path: string): string => (statSync(join(folder, path)).mode & 0o777).toString(8)
const make = (path: string, mode: number): void => {
  mkdirSync(join(folder, path), { recursive: true })
  chmodSync(join(folder, path), mode)
}

test('are made for root alone, whatever the umask', () => {
  const before = process.umask(0)
  makeFolders(paths, warn)
  process.umask(before)
  for (const path of ['root', 'root/volumes', 'root/containers', 'root/tmp', 'run', 'run/networks'])
    expect([path, modeOf(path)]).toEqual([path, '700'])
})

test('that an earlier version left open are closed, and the data in them keeps its modes', () => {
  make('root/volumes/app_data/_data', 0o1777)
  make('root/volumes/app_data', 0o701)
  make('root/volumes', 0o701)
  make('root/containers', 0o711)
  make('root', 0o711)
  make('run/networks', 0o755)
  makeFolders(paths, warn)
  for (const path of ['root', 'root/volumes', 'root/volumes/app_data', 'root/containers', 'run/networks'])
    expect([path, modeOf(path)]).toEqual([path, '700'])
  expect(modeOf('root/volumes/app_data/_data')).toBe('777')
})

test('that somebody else made keep their modes: the top of a disk, and what a link leads to', () => {
  make('root/volumes', 0o701)
  make('root', 0o755)
  make('elsewhere', 0o755)
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'root/volumes/linked'))
  makeFolders(paths, warn)
  expect(modeOf('root')).toBe('755')
  expect(modeOf('root/volumes')).toBe('700')
  expect(modeOf('elsewhere')).toBe('755')
})

test('are refused where the paths of sockets would be too long', () => {
  const long = enginePaths(paths.root, join(folder, 'r'.repeat(100)))
  expect(() => makeFolders(long, warn)).toThrow(expect.objectContaining({ code: 'RUN_TOO_LONG' }))
})

test('that others can write to are warned of, and what is in them is closed', () => {
  make('run', 0o777)
  make('run/containers', 0o777)
  makeFolders(paths, warn)
  expect(modeOf('run')).toBe('777')
  for (const path of ['run/containers', 'run/networks', 'run/projects']) expect(modeOf(path)).toBe('700')
  expect(warn.mock.calls.map(([warning]) => [warning.code, warning.summary.includes(paths.run)])).toEqual([
    ['FOLDER_OPEN', true],
  ])
  make('run', 0o755)
  makeFolders(paths, warn)
  expect(warn).toHaveBeenCalledTimes(1)
})
