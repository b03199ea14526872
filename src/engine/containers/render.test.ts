import { expect, test } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from '../terms/index.ts'
import { renderHostConfig } from './render.ts'

test('a log driver is always told', () => {
  const told = (host: HostConfig) => renderHostConfig(host, termsOf({}, host).log).LogConfig
  expect(told({})).toEqual({ Type: 'json-file', Config: {} })
  expect(told({ LogConfig: { Type: 'none' } })).toEqual({ Type: 'none', Config: {} })
})
