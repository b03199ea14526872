/** How objects are shown as the API has them: an array of JSON, one a line (`json`), or each by a template. Errors: TEMPLATE_SYNTAX. */
export async function openObjectFormat(
  format: string | undefined,
): Promise<(objects: readonly object[]) => string> {
  if (format === undefined || format === '') return objects => `${JSON.stringify(objects, null, 4)}\n`
  if (format === 'json') return objects => objects.map(object => `${JSON.stringify(object)}\n`).join('')
  const { DOCKER_FUNCTIONS, GO_FUNCTIONS, parseTemplate } = await import('../../../go-template/index.ts')
  const source = { name: '--format', text: format, from: 0, hasEscapes: true }
  const template = parseTemplate(source, { ...GO_FUNCTIONS, ...DOCKER_FUNCTIONS })
  return objects =>
    objects.map(object => `${template.execute(object as Readonly<Record<string, unknown>>)}\n`).join('')
}
