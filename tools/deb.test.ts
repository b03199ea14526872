import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

// What dpkg runs, in a root of the test's own: `npm run deb` makes the package and tries its program.
let root: string
const state = (...parts: string[]): string => join(root, 'var/lib/tscompose', ...parts)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-deb-'))
  for (const name of ['images', 'containers', 'volumes']) mkdirSync(state(name), { recursive: true })
  writeFileSync(state('default-bridge.json'), '{}')
})
afterEach(() => rmSync(root, { recursive: true }))

function script(name: string, ...args: string[]): { status: number | null; stderr: string } {
  const env = { PATH: process.env['PATH'], DPKG_ROOT: root }
  return spawnSync('sh', [join('tools/deb', name), ...args], { env, encoding: 'utf8' })
}

test('a removal leaves what an engine has, a purge nothing that can be had again', () => {
  expect(script('postrm', 'remove')).toMatchObject({ status: 0, stderr: '' })
  expect(existsSync(state('images'))).toBe(true)
  expect(script('postrm', 'purge')).toMatchObject({ status: 0, stderr: '' })
  expect(existsSync(state())).toBe(false)
  // A second time there is nothing to do.
  expect(script('postrm', 'purge')).toMatchObject({ status: 0, stderr: '' })
})

test.each(['volumes', 'containers'])('a purge leaves %s, and says so', folder => {
  mkdirSync(state(folder, 'mine'))
  const { status, stderr } = script('postrm', 'purge')
  expect([status, stderr.includes('stays')]).toEqual([0, true])
  expect(existsSync(state(folder, 'mine'))).toBe(true)
})

test('the other scripts do nothing where systemd does not run', () => {
  const calls = [
    ['postinst', 'configure'],
    ['prerm', 'remove'],
    ['prerm', 'upgrade'],
  ] as const
  for (const [name, action] of calls) expect(script(name, action)).toMatchObject({ status: 0, stderr: '' })
})

test('each unit that the package has is one that its build installs', () => {
  const units = readdirSync('tools/deb').filter(name => /\.(service|socket)$/.test(name))
  const build = readFileSync('tools/deb.sh', 'utf8')
  expect(units.filter(name => !build.includes(name))).toEqual([])
})
