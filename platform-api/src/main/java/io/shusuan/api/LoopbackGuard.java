package io.shusuan.api;

import io.shusuan.scheduler.ClusterSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The local cluster runs what users write as the platform's own user. So with it the platform listens on loopback only,
 * unless somebody says in so many words that everybody who may log in may run commands as that user. Asked before anything
 * else is made, so that a refused start leaves nothing running.
 */
@Component
class LoopbackGuard implements BeanFactoryPostProcessor, EnvironmentAware {

    static final String CONSENT = "every-user-may-run-commands-as-the-platform";

    @SuppressWarnings("NullAway.Init") // the container sets it first of all
    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        var cluster = Binder.get(environment)
                .bind("shusuan.cluster", ClusterSettings.Choice.class)
                .orElse(ClusterSettings.Choice.AUTO)
                .kind();
        var address = environment.getProperty("server.address", "");
        var consent = environment.getProperty("shusuan.local.listen-beyond-loopback", "");
        if (cluster == ClusterSettings.Kind.LOCAL && !isLoopback(address) && !consent.equals(CONSENT)) {
            throw new BeyondLoopback(address);
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException nowhere) {
            return false;
        }
    }
}
