import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readBootId } from '../../../linux/process-identity.ts'
import type { Container } from '../../state/container.ts'
import { clearVolatile } from './clear-run.ts'

let work: string
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'volatile-'))
  mkdirSync(join(work, 'work/incompat/volatile'), { recursive: true })
})
afterEach(() => rmSync(work, { recursive: true }))

const isMarked = (): boolean => existsSync(join(work, 'work/incompat'))

const container = (removed: boolean, bootId: string | undefined): Container =>
  ({
    name: 'c',
    terms: { restart: { removed } },
    record: { state: { bootId } },
    paths: { work },
  }) as unknown as Container

it('lets the layer of a container that is removed at its end be mounted again in the same boot', () => {
  clearVolatile(container(true, readBootId()))
  expect(isMarked()).toBe(false)
  clearVolatile(container(true, undefined))
})

it.each(['another', undefined])('does not where it was mounted in another boot: %s', bootId => {
  expect(() => clearVolatile(container(true, bootId))).toThrow(
    expect.objectContaining({ code: 'CONTAINER_CUT_OFF' }),
  )
  expect(isMarked()).toBe(true)
})

it('leaves all others alone', () => {
  clearVolatile(container(false, readBootId()))
  expect(isMarked()).toBe(true)
})
