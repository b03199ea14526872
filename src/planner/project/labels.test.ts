import { describe, expect, it } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
import { TOOL_VERSION } from '../index.ts'

describe('the version in labels', () => {
  it('is that of the package', () => {
    expect(TOOL_VERSION).toBe(packageJson.version)
  })
})
