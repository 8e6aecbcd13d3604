package io.shusuan.web.notice;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.notice.Notice;
import io.shusuan.db.notice.Notices;
import java.security.Principal;
import java.time.Clock;
import java.util.stream.Collectors;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** What the reader is told beside the pages of their jobs. */
@Controller
class NoticesController {

    private static final int SHOWN = 100;

    private final Notices notices;
    private final Jobs jobs;
    private final Clock clock;

    NoticesController(Notices notices, Jobs jobs, Clock clock) {
        this.notices = notices;
        this.jobs = jobs;
        this.clock = clock;
    }

    @GetMapping("/notices")
    String list(Principal principal, Model model) {
        var told = notices.of(principal.getName(), SHOWN);
        var ids = told.stream().map(Notice::job).map(JobId::value).distinct().toList();
        model.addAttribute("notices", told);
        model.addAttribute(
                "there", jobs.idsAmong(ids).stream().map(JobId::new).collect(Collectors.toUnmodifiableSet()));
        model.addAttribute("unread", told.stream().anyMatch(notice -> notice.readAt() == null));
        return "notice/list";
    }

    @PostMapping("/notices/read")
    String read(@RequestParam long upTo, Principal principal) {
        notices.read(principal.getName(), upTo, clock.instant());
        return "redirect:/notices";
    }
}
