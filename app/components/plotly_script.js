// @ts-check
// Loads plotly.js, once in a tab, as a script that the browser parses beside the page's own work.

/**
 * Resolves with plotly.js. A request that failed is forgotten: the next call asks again.
 * @param {string} address
 * @returns {Promise<PlotlyLibrary>}
 */
const loadPlotly = address =>
  (window.dmPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const fail = () => {
      script.remove();
      window.dmPlotly = undefined;
      reject(new Error(`plotly.js did not come from ${address}`));
    };
    script.src = address;
    script.onload = () => {
      if (!window.Plotly) return fail();
      resolve(window.Plotly);
      window.dispatchEvent(new Event('plotly-ready'));
    };
    script.onerror = fail;
    document.head.append(script);
  }));
