
"use strict";
(function () {
  var form = document.querySelector(".chooser");
  if (!form) return;
  var select = form.querySelector("select");
  var ways = Array.prototype.slice.call(document.querySelectorAll("details.way"));
  function show() {
    ways.forEach(function (way) {
      way.hidden = way.id !== select.value;
      way.open = true;
    });
  }
  select.addEventListener("change", show);
  form.querySelectorAll("button").forEach(function (button) {
    button.addEventListener("click", function () {
      var count = select.options.length;
      select.selectedIndex = (select.selectedIndex + Number(button.dataset.step) + count) % count;
      show();
    });
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  show();
})();
