// node journeys/run.js [--own] BASE NAME [ARGUMENT…] [-- NAME [ARGUMENT…]]…
// One browser for all that are named, one journey after the other and each at both sizes at once, where what one does
// may stand beside what the other does (a journey that exports `inTurn` goes wide first, then on the phone; one that exports `sizes` goes only there).
// `--own`: in a new project for each size, so that nothing of other journeys is listed. Says what is done line by line;
// ends with 1 where one fails.
import { Failed, launch, PAIRS, take } from './browser.js'

const all = process.argv.slice(2)
const own = all[0] === '--own' && !!all.shift()
const base = all.shift()
const journeys = all
  .join('\0')
  .split('\0--\0')
  .map((one) => one.split('\0'))

const browser = await launch()
try {
  const projects = {}
  if (own)
    for (const [size] of PAIRS) {
      const made = await fetch(`${base}/api/projects`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: `${journeys.map(([name]) => name).join(', ')}, ${size}`, description: '' }),
      })
      if (!made.ok) throw new Failed(`no project: ${await made.text()}`)
      projects[size] = (await made.json()).id
    }
  for (const [name, ...args] of journeys) {
    const { default: journey, inTurn, sizes } = await import(`./${name}.js`)
    const go = async ([size, theme]) => {
      const began = performance.now()
      const spent = await take(browser, base, journey, { size, theme, args, project: projects[size] })
      console.error(
        `${name}, ${size}: ${((performance.now() - began) / 1000).toFixed(1)} s, ${spent.checks} checks (${spent.looked} of pages not seen before) in ${(spent.ms / 1000).toFixed(1)} s`,
      )
      console.log(`${name}: ${size}, ${theme}: done`)
    }
    const pairs = PAIRS.filter(([size]) => !sizes || sizes.includes(size))
    if (inTurn || process.env.INTURN) for (const pair of pairs) await go(pair)
    else {
      const ended = await Promise.allSettled(pairs.map(go))
      const failed = ended.filter((one) => one.status === 'rejected').map((one) => `${name}: ${one.reason?.stack ?? one.reason}`)
      if (failed.length) throw new Failed(failed.join('\n'))
    }
  }
} finally {
  await browser.close()
}
