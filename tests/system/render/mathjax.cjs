// Reads a JSON list of formulas on standard input, writes a JSON list: null where MathJax sets it, else the error.
// Without noundefined and noerrors, and with a throwing formatError, an unknown macro is an error and no red text.
const MathJax = require('mathjax');

const settings = {
  loader: { load: ['input/tex'] },
  tex: {
    packages: { '[-]': ['noundefined', 'noerrors'] },
    formatError: (_jax, error) => { throw error; },
  },
};

async function problem(formula) {
  try {
    const mathml = await MathJax.tex2mmlPromise(formula, { display: true });
    return mathml.includes('<merror') ? 'merror in the output' : null;
  } catch (error) {
    return String((error && error.message) || error);
  }
}

async function main() {
  const formulas = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  await MathJax.init(settings);
  const problems = [];
  for (const formula of formulas) problems.push(await problem(formula));
  process.stdout.write(JSON.stringify(problems));
}

main().catch((error) => { console.error(error); process.exit(1); });
