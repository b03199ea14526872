import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/** The binary that `make -C native sanitize` builds. */
const SANITIZED = resolve('native/build/tscompose-native-sanitize')

// `unit` needs no root and runs anywhere; `e2e` makes real namespaces, bridges and mounts; `sanitized` runs
// the tests of the native program once more, with it built with sanitizers.
const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/skipped-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'tools/**/*.test.ts',
            'native/test/**/*.test.ts',
            'test/contract/**/*.test.ts',
          ],
          // Hundreds of small files over the same functions: to load these for each of them took longer than the tests.
          isolate: false,
          setupFiles: ['test/put-back.ts'],
          testTimeout: 20_000,
          globalSetup: ['src/parser/schema/vitest-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          isolate: false,
          setupFiles: ['test/put-back.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ['test/e2e/harness/setup.ts'],
          // Half of their time they wait: for what a container, an engine or the kernel does by itself.
          maxWorkers: 3,
          // After the unit tests: what fails there needs no kernel to be understood.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'sanitized',
          include: ['test/e2e/native/**/*.test.ts'],
          env: { TSCOMPOSE_NATIVE: SANITIZED },
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ['test/e2e/harness/sanitized-setup.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
export default config
