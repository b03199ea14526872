import { defineConfig, type ViteUserConfig } from 'vitest/config'

// Two projects: `unit` needs no root and runs anywhere; `e2e` makes real namespaces, bridges and mounts.
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          globalSetup: ['src/parser/schema/vitest-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ['test/e2e/setup.ts'],
          maxWorkers: 2,
          // After the unit tests: what fails there needs no kernel to be understood.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
export default config
