// The child of `npm run fuzz`: loads what it is sent and says how that ended. It may run out of memory or never answer.
import { load } from '../../src/parser/index.ts'

process.on('message', (text: string) => {
  let thrown: string | undefined
  try {
    loadEverywhere(text)
  } catch (error) {
    // Whatever is thrown is a finding: the loader may only return diagnostics.
    thrown = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  process.send?.({ thrown })
})

process.send?.('ready')

/** As the project's file and its override, and as each kind of file that another one names. */
function loadEverywhere(text: string): void {
  const main =
    'include: [i.yaml]\nservices: {a: {extends: {file: i.yaml, service: a}, env_file: [e], label_file: [e]}}'
  for (const files of [[text], ['services: {a: {image: x, ports: [80]}}', text], [main]]) {
    const result = load({
      files: files.map((each, index) => ({ name: `/p/${index}.yaml`, text: each })),
      workingDir: '/p',
      env: { HOME: '/root', A: '1', EMPTY: '' },
      profiles: ['*'],
      readFile: path => (/^\/p\/(?:i\.yaml|e|\.env)$/.test(path) ? text : undefined),
    })
    const silent =
      result.project === undefined && !result.diagnostics.some(({ severity }) => severity === 'error')
    if (silent) throw new Error('neither a project nor an error')
  }
}
