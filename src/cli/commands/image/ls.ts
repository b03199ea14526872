import { listImages } from '../../../project/storage/images.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { flag, list, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { shortId } from '../../views/listing/docker-text.ts'
import { FORMAT_HELP, openFormat } from '../../views/listing/open-format.ts'
import { filtersOf } from '../filters.ts'
import { imageListing, imageRows } from './listing.ts'

/** `tscompose image ls`. */
export const command: Command = defineCommand({
  description: 'Lists the images that are here, whatever project they are of.',
  options: {
    all: flag('-a, --all', 'Intermediate images, too'),
    digests: flag('--digests', 'With their digests in registries'),
    filter: list(
      '-f, --filter <filter>',
      'dangling, label, before, since, until or reference; may be repeated',
    ),
    format: text('--format <format>', FORMAT_HELP),
    whole: flag('--no-trunc', 'Whole ids'),
    quiet: flag('-q, --quiet', 'Ids alone'),
  },
  examples: [['tscompose image ls --filter dangling=true', 'those that nobody names']],
  run: async (context, [name], { all, digests, filter, format, whole, quiet }) => {
    const render = await openFormat(imageListing({ digests, whole, now: Date.now() }), format)
    const references = name === undefined ? [] : [`reference=${name}`]
    const images = await listImages(targetOf(context), {
      all,
      filters: filtersOf([...filter, ...references]),
    })
    const rows = imageRows(images, { digests })
    const ids = rows.map(({ image: { Id } }) => `${whole ? Id : shortId(Id)}\n`)
    context.streams.stdout.write(quiet ? ids.join('') : render(rows))
    return EXIT.ok
  },
})
