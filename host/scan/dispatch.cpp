// SPDX-License-Identifier: Apache-2.0
#include "scan/dispatch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>

#include "base/escape.hpp"
#include "base/system_error.hpp"
#include "rootfs/directory_tree.hpp"
#include "scan/layer_parts.hpp"
#include "scan/layer_unit.hpp"
#include "scan/quarantining.hpp"
#include "scan/target_unit.hpp"

namespace meridian::scan {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// A layer that its leader walks and others may help with. What is not const: under State::mutex.
struct Divided {
  const std::size_t unit;
  const std::size_t leader;  // worker
  const lane::LeftOut left_out;
  const std::unique_ptr<rootfs::DirectoryWalk> walk;
  std::size_t helpers = 0;         // threads that were given of it, or wait for that
  std::size_t joined = 0;          // that were given some
  std::vector<LayerResult> parts;  // of those of them that are done
};

/// The unit that a worker is on. Filled in by the worker under State::mutex.
struct Place {
  std::size_t layer = kNone;
  std::size_t target = kNone;
  std::shared_ptr<const lane::Run> run;
  std::shared_ptr<Divided> divided;  // of a layer
};

/// Shared with the workers, and kept alive by them if they are left behind.
struct State {
  State(const Work& the_work, std::size_t workers) : work(the_work), places(workers) {
    results.layers.resize(work.plan.units.size());
    results.targets.resize(work.plan.targets.size());
    layer_order = order(work.plan.units.size());
    target_order = order(work.plan.targets.size());
    if (work.cached != nullptr) take_known();
  }

  /// What the cache has is done before it is begun.
  void take_known() {
    std::erase_if(layer_order, [this](std::size_t unit) {
      auto known = work.cached->take_layer(unit);
      if (known) results.layers[unit] = *std::move(known);
      return results.layers[unit].cached;
    });
    std::erase_if(target_order, [this](std::size_t number) {
      auto known = work.cached->take_target(number);
      if (!known) return false;
      results.targets[number] = *std::move(known);
      ++work.progress.targets_done;
      return true;
    });
    work.progress.units_done += work.plan.units.size() - layer_order.size() +
                                work.plan.targets.size() - target_order.size();
  }

  std::vector<std::size_t> order(std::size_t count) const {
    std::vector<std::size_t> units(count);
    std::iota(units.begin(), units.end(), std::size_t{0});
    if (work.options.shuffle) {
      std::mt19937_64 random(*work.options.shuffle);
      std::shuffle(units.begin(), units.end(), random);
    }
    return units;
  }

  Work work;
  std::vector<std::size_t> layer_order;
  std::vector<std::size_t> target_order;

  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::size_t next_layer = 0;
  std::size_t next_target = 0;
  std::size_t layers_left = 0;
  std::size_t workers_left = 0;
  std::vector<Place> places;
  std::vector<std::shared_ptr<Divided>> divided;  // whose walk is not known to be over
  Results results;
};

std::size_t take_layer(State& state, std::size_t worker) {
  const std::lock_guard lock(state.mutex);
  if (state.next_layer == state.layer_order.size() || state.work.cancel.stopped()) return kNone;
  const std::size_t unit = state.layer_order[state.next_layer++];
  state.places[worker] = {unit, kNone, nullptr, nullptr};
  return unit;
}

/// Waits until every layer is done, since a target's facts come from all of its layers.
std::size_t take_target(State& state, std::size_t worker) {
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&] { return state.layers_left == 0 || state.work.cancel.stopped(); });
  if (state.next_target == state.target_order.size() || state.work.cancel.stopped()) return kNone;
  const std::size_t unit = state.target_order[state.next_target++];
  state.places[worker] = {kNone, unit, nullptr, nullptr};
  return unit;
}

void show_run(State& state, std::size_t worker, std::shared_ptr<const lane::Run> run) {
  const std::lock_guard lock(state.mutex);
  state.places[worker].run = std::move(run);
}

/// Shows the unit until no lane has to see it again. A repetition is no progress.
template <typename Show>
void show_all(State& state, lane::Run& run, const Show& show) {
  show(state.work.progress);
  Progress repeated;
  while (run.again()) show(repeated);
}

/// Who is kept from the content, and whose words about it are known.
lane::LeftOut left_out_of(const Work& work, const std::string& content, lane::LeftOut known) {
  if (work.quarantine != nullptr) known.merge(left_out(work.set, *work.quarantine, content));
  return known;
}

/// One pass over the layer, or over a part of it.
void show_layer(State& state, const model::Layer& layer, Progress& progress, lane::Run& run,
                const Walk& walk, LayerResult& result) {
  scan_layer(layer, state.work.set, state.work.options, state.work.cancel, progress, run, walk,
             result);
}

/// A pass over all of it.
void show_whole(State& state, const model::Layer& layer, Progress& progress, lane::Run& run,
                const std::shared_ptr<const rootfs::Tree>& tree, LayerResult& result) {
  result = LayerResult();
  result.tree = tree;
  show_layer(
      state, layer, progress, run, [&](rootfs::Visitor& visitor) { return tree->walk(visitor); },
      result);
}

/// Takes what the run has, after its last pass.
void take_run(const State& state, lane::Run& run, LayerResult& result) {
  // What was still on its way to the plugins when the scan was stopped was not looked at.
  if (state.work.cancel.stopped() && result.end == UnitEnd::kDone && run.was_cut()) {
    result.end = UnitEnd::kInterrupted;
  }
  // Nobody reads on in one that was not read to its end.
  if (result.end == UnitEnd::kInterrupted) result.tree.reset();
  result.bytes_read = run.bytes_read();
  result.outputs = run.finish();
}

/// Repeats the pass over all of the layer until no lane has to see it again.
void finish_layer(State& state, const model::Layer& layer, lane::Run& run,
                  const std::shared_ptr<const rootfs::Tree>& tree, LayerResult& result) {
  Progress repeated;
  while (run.again()) show_whole(state, layer, repeated, run, tree, result);
  take_run(state, run, result);
}

/// The layer in one run. Nothing to show if it cannot be opened, and that is what it comes to.
LayerResult read_whole(State& state, std::size_t worker, const model::Layer& layer,
                       const Result<std::shared_ptr<const rootfs::Tree>>& tree,
                       const lane::LeftOut& left_out, Progress& progress, lane::Crew& crew) {
  const std::shared_ptr<lane::Run> run = crew.begin_layer(left_out);
  show_run(state, worker, run);
  LayerResult result;
  if (tree) {
    show_whole(state, layer, progress, *run, *tree, result);
    finish_layer(state, layer, *run, *tree, result);
    return result;
  }
  result.end = UnitEnd::kUnreadable;
  result.failure = Error(tree.error()).in("layer " + layer.name());
  show_all(state, *run, [](Progress&) {});
  take_run(state, *run, result);
  return result;
}

void withdraw(State& state, const std::shared_ptr<Divided>& divided) {
  const std::lock_guard lock(state.mutex);
  std::erase(state.divided, divided);
}

/// The layer in runs of all threads that have nothing else to do. Nothing: it is to be read whole.
std::optional<LayerResult> read_divided(State& state, const std::shared_ptr<Divided>& divided,
                                        const model::Layer& layer,
                                        const std::shared_ptr<const rootfs::Tree>& tree,
                                        lane::Crew& crew) {
  const std::shared_ptr<lane::Run> run = crew.begin_layer(divided->left_out);
  {
    const std::lock_guard lock(state.mutex);
    state.places[divided->leader].run = run;
    state.places[divided->leader].divided = divided;
    state.divided.push_back(divided);
    state.changed.notify_all();
  }
  LayerResult own;
  own.tree = tree;
  show_layer(
      state, layer, state.work.progress, *run,
      [&](rootfs::Visitor& visitor) { return divided->walk->lead(visitor); }, own);
  withdraw(state, divided);
  if (divided->joined == 0) {  // and nobody joins a walk that is over
    finish_layer(state, layer, *run, tree, own);
    return own;
  }
  if (run->again()) own.end = UnitEnd::kInterrupted;
  take_run(state, *run, own);
  std::vector<LayerResult> parts;
  parts.push_back(std::move(own));
  {
    std::unique_lock lock(state.mutex);
    state.changed.wait(lock, [&] { return divided->parts.size() == divided->joined; });
    // Copies: should the scan be given up now, they are what is known of the layer.
    parts.insert(parts.end(), divided->parts.begin(), divided->parts.end());
  }
  if (!state.work.cancel.stopped() && shows_division(parts, divided->left_out)) return std::nullopt;
  return join_parts(std::move(parts), divided->left_out);
}

/// Walks with the leader until the walk is over.
void help(State& state, std::size_t worker, const std::shared_ptr<Divided>& divided,
          lane::Crew& crew) {
  auto share = divided->walk->wait_for_share();
  if (share) {
    const std::shared_ptr<lane::Run> run = crew.begin_layer(divided->left_out);
    {
      const std::lock_guard lock(state.mutex);
      ++divided->joined;
      state.places[worker] = {divided->unit, kNone, run, divided};
    }
    LayerResult part;
    show_layer(
        state, state.work.plan.units[divided->unit], state.work.progress, *run,
        [&](rootfs::Visitor& visitor) {
          divided->walk->help(*std::move(share), visitor);
          return Result<void>();
        },
        part);
    if (run->again()) part.end = UnitEnd::kInterrupted;
    take_run(state, *run, part);
    const std::lock_guard lock(state.mutex);
    divided->parts.push_back(std::move(part));
    state.places[worker] = {};
    state.changed.notify_all();
  }
  withdraw(state, divided);
}

/// The one with the fewest threads; waits for one as long as there are layers left.
std::shared_ptr<Divided> take_divided(State& state) {
  std::unique_lock lock(state.mutex);
  const auto is_done = [&] { return state.layers_left == 0 || state.work.cancel.stopped(); };
  state.changed.wait(lock, [&] { return is_done() || !state.divided.empty(); });
  if (is_done()) return nullptr;
  const auto least =
      std::min_element(state.divided.begin(), state.divided.end(),
                       [](const auto& a, const auto& b) { return a->helpers < b->helpers; });
  ++(*least)->helpers;
  return *least;
}

/// Before the next begins: they have a worker in common.
void end_run(State& state, std::size_t worker, std::size_t unit) {
  const std::lock_guard lock(state.mutex);
  state.places[worker] = {unit, kNone, nullptr, nullptr};
}

/// Shows a layer to the plugins of whom nothing is `known`.
LayerResult read_layer(State& state, std::size_t worker, std::size_t unit,
                       const lane::LeftOut& known, lane::Crew& crew) {
  const model::Layer& layer = state.work.plan.units[unit];
  const lane::LeftOut left_out = left_out_of(state.work, content_of(layer), known);
  const auto tree = state.work.collection.open_layer(layer);
  const auto* const directory =
      tree ? dynamic_cast<const rootfs::DirectoryTree*>(tree->get()) : nullptr;
  if (directory == nullptr || state.places.size() < 2 ||
      !may_be_divided(state.work.set, left_out)) {
    return read_whole(state, worker, layer, tree, left_out, state.work.progress, crew);
  }
  const std::shared_ptr<Divided> divided(
      new Divided{unit, worker, left_out, directory->begin_walk(), 0, 0, {}});
  if (auto read = read_divided(state, divided, layer, *tree, crew)) return *std::move(read);
  end_run(state, worker, unit);
  Progress repeated;
  return read_whole(state, worker, layer, tree, left_out, repeated, crew);
}

void do_layer(State& state, std::size_t worker, std::size_t unit, lane::Crew& crew) {
  CachedScan* const cached = state.work.cached;
  LayerResult result =
      read_layer(state, worker, unit,
                 cached != nullptr ? cached->known_of_layer(unit) : lane::LeftOut(), crew);
  if (cached != nullptr && cached->was_misled(unit, result)) {
    end_run(state, worker, unit);
    result = read_layer(state, worker, unit, {}, crew);
  }
  if (cached != nullptr && !state.work.cancel.stopped()) cached->keep_layer(unit, result);
  ++state.work.progress.units_done;
  const std::lock_guard lock(state.mutex);
  state.results.layers[unit] = std::move(result);
  state.places[worker] = {};
  --state.layers_left;
  state.changed.notify_all();
}

void do_target(State& state, std::size_t worker, std::size_t unit, lane::Crew& crew) {
  const PlannedTarget& target = state.work.plan.targets[unit];
  const model::Inventory& inventory = state.work.collection.inventory();
  CachedScan* const cached = state.work.cached;
  // No layer is written any more, so the layer results may be read without the lock.
  const lane::LeftOut known =
      cached != nullptr ? cached->know_of_target(unit, state.results.layers) : lane::LeftOut();
  const std::shared_ptr<lane::Run> run =
      crew.begin_target(left_out_of(state.work, content_of(inventory, target), known));
  show_run(state, worker, run);
  TargetResult result;
  show_all(state, *run, [&](Progress&) {
    result = TargetResult();
    if (cached != nullptr) result.sightings = cached->sightings(unit);
    scan_target(state.work.collection, target, state.results.layers, state.work.set,
                state.work.options, state.work.cancel, *run, result);
  });
  if (state.work.cancel.stopped() && result.end == UnitEnd::kDone && run->was_cut()) {
    result.end = UnitEnd::kInterrupted;
  }
  result.outputs = run->finish();
  if (cached != nullptr && !state.work.cancel.stopped()) {
    cached->keep_target(unit, result, state.results.layers);
  }
  ++state.work.progress.units_done;
  ++state.work.progress.targets_done;
  const std::lock_guard lock(state.mutex);
  state.results.targets[unit] = std::move(result);
  state.places[worker] = {};
}

void work_through(const std::shared_ptr<State>& state, std::size_t worker, lane::Crew& crew) {
  for (std::size_t unit = 0; (unit = take_layer(*state, worker)) != kNone;) {
    do_layer(*state, worker, unit, crew);
  }
  while (const auto divided = take_divided(*state)) help(*state, worker, divided, crew);
  for (std::size_t unit = 0; (unit = take_target(*state, worker)) != kNone;) {
    do_target(*state, worker, unit, crew);
  }
  const std::lock_guard lock(state->mutex);
  --state->workers_left;
  state->changed.notify_all();
}

/// What a thread that did not come back has said so far, with the callback it is in as an error.
std::vector<finding::UnitOutput> left_behind(const lane::Run& run) {
  std::vector<finding::UnitOutput> outputs = run.snapshot();
  const auto in_flight = run.in_flight();
  if (!in_flight || in_flight->plugin >= outputs.size()) return outputs;
  finding::UnitOutput& guilty = outputs[in_flight->plugin];
  const std::string operation = lane::to_text(in_flight->operation);
  guilty.result = finding::UnitResult::kError;
  guilty.error_kind = finding::GapKind::kTimeout;
  guilty.reason = operation + " of '" + base::escape(in_flight->subject) +
                  "' did not return after the scan was asked to stop";
  guilty.gaps.push_back({finding::GapKind::kTimeout, "", "", in_flight->subject,
                         operation + " did not return", "", ""});
  return outputs;
}

void abandon(State& state) {
  state.results.abandoned = true;
  const lane::LeftOut nobody;
  for (std::size_t worker = 0; worker < state.places.size(); ++worker) {
    const Place& place = state.places[worker];
    if (!place.run) continue;
    auto outputs = left_behind(*place.run);
    if (place.layer == kNone) {
      state.results.targets[place.target].end = UnitEnd::kInterrupted;
      state.results.targets[place.target].outputs = std::move(outputs);
      continue;
    }
    LayerResult& layer = state.results.layers[place.layer];
    layer.end = UnitEnd::kInterrupted;
    add_outputs(layer.outputs, std::move(outputs),
                place.divided ? place.divided->left_out : nobody);
    if (!place.divided || place.divided->leader != worker) continue;
    for (const LayerResult& part : place.divided->parts) {
      add_outputs(layer.outputs, part.outputs, place.divided->left_out);
    }
  }
}

/// Waits for the workers; stops the scan at the deadline and gives up `grace` after any stop.
void supervise(State& state, Clock::time_point start, const std::function<void()>& tick) {
  const Options& options = state.work.options;
  std::optional<Clock::time_point> give_up;
  std::unique_lock lock(state.mutex);
  while (state.workers_left > 0) {
    state.changed.wait_for(lock, std::chrono::milliseconds(100),
                           [&] { return state.workers_left == 0; });
    if (options.deadline && Clock::now() - start >= *options.deadline) {
      state.work.cancel.stop(base::StopReason::kDeadline);
    }
    if (state.work.cancel.stopped()) {
      state.changed.notify_all();
      if (!give_up) give_up = Clock::now() + options.grace;
      if (state.workers_left > 0 && Clock::now() >= *give_up) return abandon(state);
    }
    lock.unlock();
    tick();
    lock.lock();
  }
}

/// Every layer ends as unreadable, with the reason.
Results nothing_ran(State& state, const Error& why) {
  for (LayerResult& layer : state.results.layers) {
    layer.end = UnitEnd::kUnreadable;
    layer.failure = why;
  }
  return std::move(state.results);
}

}  // namespace

Results dispatch(const Work& work, const std::function<void()>& tick) {
  const auto start = Clock::now();
  // One layer may have work for all; targets are not divided.
  const std::size_t most = work.plan.units.empty() ? work.plan.targets.size() : work.options.jobs;
  const std::size_t workers = std::max<std::size_t>(1, std::min(work.options.jobs, most));
  auto state = std::make_shared<State>(work, workers);
  state->layers_left = state->layer_order.size();

  std::vector<std::thread> threads;
  const bool idle = state->layer_order.empty() && state->target_order.empty();
  for (std::size_t worker = 0; worker < workers && !idle; ++worker) {
    auto crew = work.set.lanes->crew(work.cancel);
    if (!crew) {
      if (worker > 0) break;  // fewer workers, the same results
      return nothing_ran(*state, crew.error());
    }
    {
      const std::lock_guard lock(state->mutex);
      ++state->workers_left;
    }
    auto started = base::seam("starting a thread", [&] {
      threads.emplace_back([state, worker, owned = std::shared_ptr<lane::Crew>(*std::move(crew))] {
        work_through(state, worker, *owned);
      });
      return true;
    });
    if (started) continue;
    const std::lock_guard lock(state->mutex);
    --state->workers_left;
    if (worker > 0) break;
    return nothing_ran(*state, started.error());
  }
  supervise(*state, start, tick);

  Results results;
  {
    const std::lock_guard lock(state->mutex);
    // Workers left behind may still write into theirs, so they keep the original.
    results = state->results.abandoned ? state->results : std::move(state->results);
  }
  for (std::thread& thread : threads) {
    if (results.abandoned) {
      thread.detach();
    } else {
      thread.join();
    }
  }
  results.stopped = work.cancel.reason();
  results.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return results;
}

}  // namespace meridian::scan
