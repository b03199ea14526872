import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requires, root } from '../../test/requires.ts'
import { settingsFiles, withSettings } from './settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-settings-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o644 })
  return path
}

describe('the settings files', () => {
  test("are the machine's, then the user's", () => {
    expect(settingsFiles({ HOME: '/home/me' })).toEqual([
      '/etc/tscompose.env',
      '/home/me/.config/tscompose/env',
    ])
    expect(settingsFiles({ HOME: '/home/me', XDG_CONFIG_HOME: '/conf' })[1]).toBe('/conf/tscompose/env')
  })

  test("stand beneath the environment, the machine's beneath the user's", async () => {
    const machine = write('machine', 'TSCOMPOSE_ROOT=/machine\nTSCOMPOSE_RUN="/run/machine" # a note\n')
    const user = write('user', 'export TSCOMPOSE_ROOT=/user\n')
    expect(await withSettings({ PATH: '/bin' }, [machine, user])).toEqual({
      PATH: '/bin',
      TSCOMPOSE_ROOT: '/user',
      TSCOMPOSE_RUN: '/run/machine',
    })
    expect(await withSettings({ TSCOMPOSE_ROOT: '/env' }, [machine, user])).toMatchObject({
      TSCOMPOSE_ROOT: '/env',
    })
  })

  test('need not be there', async () => {
    const env = { PATH: '/bin' }
    expect(await withSettings(env, [join(folder, 'none'), join(write('file', ''), 'below')])).toBe(env)
  })

  test('say how ports are published', async () => {
    const file = write('env', 'TSCOMPOSE_PUBLISH=loopback\n')
    expect(await withSettings({}, [file])).toEqual({ TSCOMPOSE_PUBLISH: 'loopback' })
  })

  test('set nothing else', async () => {
    const file = write('env', '# mine\nTSCOMPOSE_ROOT=/x\nTSCOMPOSE_ROTO=/y\nLD_PRELOAD=/evil.so\n')
    await expect(withSettings({}, [file])).rejects.toMatchObject({
      code: 'SETTING_UNKNOWN',
      diagnostics: [
        { summary: expect.stringContaining(`${file}:3`) },
        { summary: expect.stringContaining(`${file}:4`) },
      ],
    })
  })

  test('may say whether registries are asked, which is no path', async () => {
    const file = write('env', 'TSCOMPOSE_ASK_REGISTRIES=false\n')
    expect(await withSettings({}, [file])).toEqual({ TSCOMPOSE_ASK_REGISTRIES: 'false' })
  })

  test('name absolute paths', async () => {
    for (const path of ['rel', '~/x', './x'])
      await expect(withSettings({}, [write('env', `TSCOMPOSE_ROOT=${path}\n`)])).rejects.toMatchObject({
        code: 'SETTING_PATH',
      })
  })

  test('that others may write to are refused', async () => {
    const file = write('env', 'TSCOMPOSE_ROOT=/x\n')
    chmodSync(file, 0o664)
    await expect(withSettings({}, [file])).rejects.toMatchObject({ code: 'SETTINGS_UNSAFE' })
  })

  requires(root).test('of another user are refused', {}, async () => {
    const file = write('env', 'TSCOMPOSE_ROOT=/x\n')
    chownSync(file, 1000, 0)
    await expect(withSettings({}, [file])).rejects.toMatchObject({ code: 'SETTINGS_UNSAFE' })
  })

  test('that cannot be read are told', async () => {
    mkdirSync(join(folder, 'env'))
    await expect(withSettings({}, [join(folder, 'env')])).rejects.toMatchObject({
      code: 'SETTINGS_UNREADABLE',
    })
  })
})
